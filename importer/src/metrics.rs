//! What the importer counts.

scalelite_core::metrics_list! {
    IMPORTS: counter "scalelite_imports_total" [outcome] "Tars: `imported`, `partly_imported`, `failed`; or not imported now: `unfinished` (still on its way), `changed`, `stopped` (the importer was), `taken_over` (by another importer), `postponed` (a store is away).";
    IMPORT_SECONDS: duration "scalelite_import_seconds" [] "How long an import took that was not given up.";
    IMPORT_BYTES: counter "scalelite_import_bytes_total" [] "Bytes that were unpacked by such imports.";
    RUNNING: gauge "scalelite_imports_running" [] "Imports that are under way.";
    QUEUE: gauge "scalelite_import_queue_tars" [] "Tars in the spool that are not imported yet.";
    QUARANTINE: gauge "scalelite_import_quarantine_tars" [] "Tars in `failed/` in the spool, which wait for the operator.";
}

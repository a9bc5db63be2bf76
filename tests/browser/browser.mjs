// Debian's Chromium, without a window and without the network, at a site on this machine.
import { createRequire } from "node:module";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { LIBRARIES, CHROMIUM } = process.env;
export const require = createRequire(join(LIBRARIES, "any.js"));
const { chromium } = require("playwright-core");

/** A browser with a profile of its own, in TMPDIR: whoever runs this script removes that. */
export async function open(viewport, more = {}) {
  const profile = await mkdtemp(join(tmpdir(), "scalelite-browser-"));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    viewport,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    ...more,
  });
  browser.setDefaultTimeout(20_000);
  return browser;
}

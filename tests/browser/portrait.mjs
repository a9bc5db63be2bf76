// The pictures of the README. Run by tests/tests/dashboard/portrait.rs.
import { readFile } from "node:fs/promises";
import { open } from "./browser.mjs";

const { BASE, PASSWORD, DASHBOARD, STATUS, STATUS_TEXT } = process.env;
const browser = await open({ width: 1280, height: 660 });
try {
  const page = await browser.newPage();
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(`${BASE}/login`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("Live", { exact: true }).waitFor();
  await page.locator(".spark").first().waitFor();
  await page.screenshot({ path: DASHBOARD });

  const terminal = await browser.newPage();
  await terminal.setContent("<pre style='display: inline-block; margin: 0; padding: 16px'></pre>");
  const text = terminal.locator("pre");
  await text.evaluate((pre, shown) => {
    pre.textContent = shown;
    Object.assign(pre.style, { font: "13px/1.35 'DejaVu Sans Mono', monospace", color: "#d5dae3", background: "#161b26" });
  }, await readFile(STATUS_TEXT, "utf8"));
  await text.screenshot({ path: STATUS });
} finally {
  await browser.close();
}

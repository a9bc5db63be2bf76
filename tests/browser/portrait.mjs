// The picture of the README. Run by tests/tests/dashboard/portrait.rs.
import { open } from "./browser.mjs";

const { BASE, PASSWORD, PICTURE } = process.env;
const browser = await open({ width: 1280, height: 660 });
try {
  const page = await browser.newPage();
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(`${BASE}/login`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("Live", { exact: true }).waitFor();
  await page.locator(".spark").first().waitFor();
  await page.screenshot({ path: PICTURE });
} finally {
  await browser.close();
}

// An operator at work in a real browser: logs in, looks at every page, and does what the dashboard offers. Run by
// tests/tests/dashboard/browser.rs, which furnishes the site.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { open, require } from "./browser.mjs";

const { BASE, PASSWORD, HOSTILE, SHOTS } = process.env;
const axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const PAGES = ["/", "/meetings", "/recordings", "/imports", "/tenants", "/audit", "/servers?do=panic&id=server-1"];

const browser = await open(DESKTOP);

/** What the browser complains of on any page ends the test. */
const complaints = [];
function watch(page) {
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("status of 4")) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return page;
}

/** No violation of accessibility. It is evaluated, not loaded: the pages' policy holds. */
async function accessible(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const told = found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html + node.failureSummary).join("\n  ")}`);
  assert.deepEqual(told, [], what);
}

async function settled(page) {
  await page.emulateMedia({ reducedMotion: "reduce" });
}

async function shot(page, name) {
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

const step = (name) => console.log(`${(performance.now() / 1000).toFixed(1)} s  ${name}`);

let plain;
try {
  const page = watch(await browser.newPage());
  await settled(page);

  step("login");
  await page.goto(`${BASE}/meetings`);
  assert.equal(new URL(page.url()).pathname, "/scalelite/dashboard/login");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await accessible(page, `login, ${colorScheme}`);
  }
  await page.getByLabel("Password").fill("a wrong password");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("This is not the password.").waitFor();
  await accessible(page, "wrong password");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Servers" }).waitFor();
  const cookies = await browser.cookies();
  const cookie = cookies.find((one) => one.name === "scalelite_dashboard");
  assert.ok(cookie.httpOnly && cookie.sameSite === "Strict");

  step("looks");
  for (const path of PAGES) {
    const name = path.split("?")[0].slice(1) || "pool";
    await page.setViewportSize(DESKTOP);
    await page.goto(BASE + path);
    for (const [size, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await accessible(page, `${path}, ${size}, ${colorScheme}`);
        await shot(page, `${name}-${size}-${colorScheme}`);
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${path} at ${size} is ${wide} pixels too wide`);
    }
    assert.notEqual(await page.title(), "run", `${path}: a name is run`);
    assert.equal(await page.locator("main script, main img").count(), 0, path);
  }
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: "light" });
  for (const path of ["/", "/meetings", "/recordings", "/imports", "/tenants"]) {
    await page.goto(BASE + path);
    assert.ok((await page.locator("main").innerText()).includes(HOSTILE), `${path} shows names as they are`);
  }

  step("usage");
  await page.goto(`${BASE}/tenants?month=2026-01`);
  await page.getByRole("row", { name: /^acme id-of-acme 21 41 1500 0 / }).waitFor();
  await page.getByRole("link", { name: "2025-12" }).click();
  await page.getByRole("row", { name: /^acme id-of-acme 21 0 0 0 / }).waitFor();

  step("cordon, and the other page sees it");
  await page.goto(`${BASE}/`);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.evaluate(() => (window.stays = true));
  const other = watch(await browser.newPage());
  await settled(other);
  await other.goto(`${BASE}/`);
  const row = (where, id) => where.locator(`tr[data-id="${id}"]`);
  await row(other, "server-1").getByRole("link", { name: /^Cordon/ }).click();
  const dialog = other.getByRole("dialog");
  await dialog.getByRole("heading", { name: /^Cordon/ }).waitFor();
  await accessible(other, "dialog");
  await dialog.getByRole("button", { name: "Cordon" }).click();
  await other.getByRole("status").getByText("is cordoned now").waitFor();
  await dialog.waitFor({ state: "hidden" });
  await row(page, "server-1").getByText("cordoned").waitFor();
  assert.equal(await page.evaluate(() => window.stays), true, "the page was not loaded anew");
  assert.match(await page.locator("#heard").innerText(), /is cordoned, online/);
  await other.goto(`${BASE}/?show=enabled&q=server-`);
  await other.getByText("Live", { exact: true }).waitFor();
  await row(other, "server-3").waitFor();
  await other.evaluate(() => (window.stays = true));
  await row(page, "server-3").getByRole("link", { name: /^Disable/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await row(other, "server-3").waitFor({ state: "detached" });
  await row(page, "server-3").getByRole("link", { name: /^Enable/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enable" }).click();
  await row(other, "server-3").waitFor();
  assert.equal(await other.evaluate(() => window.stays), true);
  await other.close();

  step("panic, by keyboard");
  await row(page, "server-2").getByRole("link", { name: /^Panic/ }).focus();
  await page.keyboard.press("Enter");
  const typed = page.getByRole("dialog").getByLabel(/^To confirm, type/);
  await typed.waitFor();
  await page.keyboard.type("server-1");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("Nothing was done.").waitFor();
  await page.getByRole("dialog").getByLabel(/^To confirm, type/).fill("server-2");
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("is cleared").waitFor();
  await row(page, "server-2").getByText("disabled").waitFor();
  assert.equal(await page.evaluate(() => window.stays), true);

  step("search");
  await page.goto(`${BASE}/meetings`);
  await page.getByRole("searchbox").fill("lecture-07");
  await page.getByText("1 meetings").waitFor();
  assert.ok(page.url().includes("q=lecture-07"));
  await page.goto(`${BASE}/recordings`);
  await page.getByRole("searchbox").fill("rec-1");
  await page.getByText("10 recordings").waitFor();
  await page.getByRole("searchbox").fill("course=physics");
  await page.getByText("1 recordings").waitFor();

  step("what another request brings is told as well");
  await browser.addCookies([{ ...cookie, name: "scalelite_dashboard_notice", value: "+Told%20once" }]);
  await page.getByRole("searchbox").fill("course=chemistry");
  await page.getByRole("status").getByText("Told once").waitFor();

  step("recordings");
  await page.getByRole("searchbox").fill("rec-03");
  await page.getByText("1 recordings").waitFor();
  await page.getByRole("link", { name: "Publish rec-03", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
  await page.getByRole("status").getByText("rec-03 is published.").waitFor();
  await page.getByRole("link", { name: "Unpublish rec-03" }).waitFor();
  await page.getByRole("link", { name: "Delete rec-03" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Cancel" }).click();
  await page.getByRole("link", { name: "Delete rec-03" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("status").getByText("rec-03 is deleted.").waitFor();
  await page.getByText("No recording is like that.").waitFor();

  step("a failed import");
  await page.goto(`${BASE}/imports`);
  await page.getByText("the disk was full").waitFor();
  await page.getByRole("link", { name: "Retry rec-again.tar" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Import again" }).click();
  await page.getByRole("status").getByText("rec-again.tar is in the spool again.").waitFor();
  await page.getByRole("rowheader", { name: "rec-again.tar" }).waitFor({ state: "detached" });
  await page.goto(`${BASE}/recordings?q=rec-again`);
  await page.getByText("1 recordings").waitFor();

  step("audit log");
  await page.goto(`${BASE}/audit`);
  for (const what of ["servers:cordon", "servers:panic", "recordings:publish", "recordings:delete", "imports:retry"]) {
    await page.getByRole("cell", { name: what, exact: true }).waitFor();
  }

  step("without JavaScript");
  plain = await open(DESKTOP, { javaScriptEnabled: false });
  const bare = await plain.newPage();
  await bare.goto(`${BASE}/`);
  await bare.locator("#password").fill(PASSWORD);
  await bare.locator("button").click();
  await row(bare, "server-4").waitFor();
  await bare.locator("#q").fill("server-4");
  await bare.locator(".search button").click();
  assert.equal(await bare.locator("#rows tr").count(), 1);
  await row(bare, "server-4").locator("a", { hasText: "Disable" }).click();
  await bare.locator(".choices button").click();
  await bare.locator(".notice.good", { hasText: "is disabled now" }).waitFor();
  await bare.locator("nav a", { hasText: "Meetings" }).click();
  await bare.locator("th", { hasText: "lecture-00" }).waitFor();
  await bare.locator(".top form button").click();
  await bare.goto(`${BASE}/`);
  await bare.locator("#password").waitFor();

  assert.deepEqual(complaints, []);
  step("done");
} finally {
  await browser.close();
  await plain?.close();
}

// Looks at the app as people will: opens it in Debian's Chromium at phone and desk size, light and
// dark, left to right and right to left, and keeps a picture of each screen. Fails when the
// browser reports anything that its policy refused.
//
//   node dev/look.mjs LINK PHRASE [SHOTS]
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const [link, phrase, shots = "shots"] = process.argv.slice(2);
const sizes = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } };
const looks = [["en", "light"], ["en", "dark"], ["ar", "light"], ["ar", "dark"]];
const screens = ["today", "records", "new", "sync", "more", "settings", "keys", "teams", "people", "replicas"];

mkdirSync(shots, { recursive: true });
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await (await browser.newContext()).newPage();
const complaints = [];
page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
page.on("pageerror", (failure) => complaints.push(String(failure)));

await page.goto(link);
await page.waitForSelector("#phrase");
await page.screenshot({ path: `${shots}/unlock.png` });
await page.fill("#phrase", phrase);
await page.keyboard.press("Enter");
await page.waitForSelector("nav", { timeout: 30_000 });

/** Shows the screen in every size and look, and tells of what runs off its side. */
async function look(name) {
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    for (const [language, theme] of looks) {
      await page.evaluate(
        ([lang, dark]) => {
          const key = "godwit-preferences";
          localStorage.setItem(key, JSON.stringify({ language: lang, theme: dark, size: "usual" }));
          globalThis.dispatchEvent(new StorageEvent("storage", { key }));
        },
        [language, theme],
      );
      await page.waitForTimeout(150);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overflow > 0) complaints.push(`${name} ${size} ${language}: ${overflow} px too wide`);
      await page.screenshot({ path: `${shots}/${name}-${size}-${language}-${theme}.png`, fullPage: size === "phone" });
    }
  }
}

for (const screen of screens) {
  await page.evaluate((to) => (location.hash = `#/${to}`), screen);
  await page.waitForTimeout(400);
  await look(screen);
}
await page.evaluate(() => (location.hash = "#/records"));
// Administrators have none: the wait ends, and so does the look.
await page.waitForSelector("a.line", { timeout: 5000 }).catch(() => undefined);
const types = await page.locator("a.line").count();
for (let index = 0; index < types; index++) {
  await page.evaluate(() => (location.hash = "#/records"));
  await page.waitForSelector("a.line");
  await page.locator("a.line").nth(index).click();
  await page.waitForTimeout(600);
  await look(`record-${index}`);
}
await browser.close();
for (const complaint of complaints) console.log(complaint);
console.log(`${complaints.length} complaints`);
process.exit(complaints.length === 0 ? 0 : 1);

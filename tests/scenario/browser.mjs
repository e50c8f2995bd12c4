// A real browser, driven a line at a time: one JSON command in, one JSON answer out. What is pressed
// and filled is found as people find it, by its role and its name.
//
//   node browser.mjs APP_FOLDER      (where playwright-core is installed)
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { resolve } from "node:path";

const { chromium } = createRequire(resolve(process.argv[2], "package.json"))("playwright-core");
const wait_ms = 15_000;

let browser, page;
const complaints = []; // Of the page: errors, and what its policy forbade.

const by = ({ role, name, label, text, css, at }) => {
  const found =
    role !== undefined ? page.getByRole(role, { name, exact: true })
    : label !== undefined ? page.getByLabel(label, { exact: true })
    : text !== undefined ? page.getByText(text)
    : page.locator(css);
  return found.nth(at ?? 0);
};

const commands = {
  async open({ url, width, height, dark, language }) {
    browser ??= await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? "dark" : "light",
      locale: language,
    });
    context.setDefaultTimeout(wait_ms);
    page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
    // Everything the page asks for, to be held to where it may.
    page.on("request", (asked) => new URL(asked.url()).host !== new URL(url).host &&
      !asked.url().startsWith("data:") && complaints.push(`asked ${asked.url()}`));
    await page.goto(url);
  },
  fill: (where) => by(where).fill(where.with),
  type: (where) => by(where).pressSequentially(where.with),
  choose: (where) => by(where).selectOption(where.with),
  click: (where) => by(where).click(),
  check: (where) => by(where).check(),
  press: ({ key }) => page.keyboard.press(key),
  wait: (where) => by(where).waitFor(),
  gone: (where) => by(where).waitFor({ state: "hidden" }),
  text: (where) => by(where).innerText(),
  value: (where) => by(where).inputValue(),
  // What the keyboard stands on, by the words people see on it or beside it: isolates are not seen.
  focused: () => page.evaluate(() => {
    const words = (document.activeElement.labels?.[0] ?? document.activeElement).innerText;
    return words.replace(/[\u2066-\u2069]/g, "").replace(/\s+/g, " ");
  }),
  count: ({ css }) => page.locator(css).count(),
  address: () => page.url(),
  title: () => page.title(),
  shot: ({ path, ...where }) => (where.css ? by(where) : page).screenshot({ path }),
  complaints: () => complaints,
  overflow: () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
  close: () => browser.close(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, ...where } = JSON.parse(line);
  try {
    const result = await commands[what](where);
    console.log(JSON.stringify({ result: result ?? null }));
  } catch (failure) {
    console.log(JSON.stringify({ failure: String(failure), screen: await page?.innerText("body").catch(() => "") }));
  }
  if (what === "close") process.exit(0);
}

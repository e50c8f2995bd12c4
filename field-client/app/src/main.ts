import "./look/tokens.css";
import "./look/script.css";
import "./look/base.css";
import "./look/controls.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { takeUp } from "./look/preferences.svelte";
import { watchIdleness } from "./shell/idle.svelte";
import { watchKeys } from "./shell/keys";
import { start } from "./shell/session.svelte";
import { flushAll } from "./forms/unsaved";

// The secret leaves the address first: start() reads it before anything is drawn or waited for.
const started = start();
await takeUp();
watchIdleness();
watchKeys();
// What is hidden is covered at once and written: the page may never be shown again.
document.addEventListener("visibilitychange", () => {
  document.documentElement.dataset.covered = String(document.hidden);
  if (document.hidden) void flushAll();
});
mount(App, { target: document.getElementById("app")! });
await started;

// Starts the page: wires the message box, the buttons, the model pickers and what lies over them.

import { Chat } from "./chat.js";
import { showCookieBanner, showLogin, showTerms } from "./dialogs.js";
import { flushed, watchControls } from "./event_journal.js";
import { MessageBox } from "./message_box.js";
import { loadModels, ModelPicker } from "./model_picker.js";

const SHORTEST_SETTLING_MS = 50;
const LONGEST_SETTLING_MS = 150;

const config = JSON.parse(document.getElementById("page-config").textContent);
const form = document.getElementById("composer");
const send = form.querySelector('button[type="submit"]');
const stop = form.querySelector('button[aria-label="Stop generation"]');

const pickers = makePickers();
const chat = new Chat({
  mode: config.mode,
  models: () => pickers.map((picker) => picker.modelId),
  names: config.modelNames,
  onState: showState,
  onLoginNeeded: showLogin,
});
const box = new MessageBox(form.querySelector("textarea"), settle);
const chance = seeded(config.seed);
let settling = null;
let stuck = config.stuckSubmit;

function makePickers() {
  const labels = { direct: ["Model"], "side-by-side": ["Model A", "Model B"], battle: [] }[config.mode];
  return labels.map((label) => new ModelPicker(document.getElementById("pickers"), label));
}

// As on the site, the state takes a moment to reach the button.
function settle() {
  clearTimeout(settling);
  const span = LONGEST_SETTLING_MS - SHORTEST_SETTLING_MS;
  const timer = setTimeout(async () => {
    await flushed(); // a failure that begins with the text must come before the button does
    if (settling !== timer) return;
    settling = null;
    showState();
  }, SHORTEST_SETTLING_MS + chance() * span);
  settling = timer;
  showState();
}

function showState() {
  stop.hidden = !chat.answering;
  send.hidden = chat.answering;
  send.disabled = stuck || settling !== null || chat.answering || box.text.trim() === "";
}

async function fillPickers() {
  if (!pickers.length) return;
  const models = await loadModels();
  const wanted = new URLSearchParams(location.search);
  pickers.forEach((picker, position) => {
    const lane = "ab"[position];
    const id = config.conversation?.[`model${lane.toUpperCase()}Id`];
    const name = wanted.get(`model_${lane}`);
    picker.show(models, models.find((model) => (id ? model.id === id : model.publicName === name)) ?? models[position]);
  });
}

function playFault(fault) {
  if (fault === "termsOnTop") showTerms();
  if (fault === "stuckSubmit") {
    stuck = true;
    showState();
  }
}

function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (send.disabled) return;
  const content = box.text;
  box.text = "";
  chat.send(content);
});
form.querySelector("textarea").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
stop.addEventListener("click", () => chat.stop());
addEventListener("popstate", () => location.reload());
document.querySelector(`nav a[data-mode="${config.mode}"]`).setAttribute("aria-current", "page");

watchControls(playFault, config);
if (config.conversation) chat.restore(config.conversation);
if (config.cookieBanner) showCookieBanner();
fillPickers().catch(() => pickers.forEach((picker) => picker.showProblem()));
if (config.terms) await showTerms();
if (config.login) await showLogin();

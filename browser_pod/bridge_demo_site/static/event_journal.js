// Reports to the demo site's journal what is done to the page's controls, and whether a person or a driven browser did it.

const pending = [];
let sending = null;
let onFault = () => {};
let textSeen = false; // or a failure of this kind was played already, and one is enough for a page

/** Watch the page's controls; `handler` is told the failures that begin with the first text. */
export function watchControls(handler, { faultPlayed }) {
  onFault = handler;
  textSeen = faultPlayed;
  for (const type of ["input", "click", "keydown", "paste"]) {
    document.addEventListener(type, (event) => note(type, event), true);
  }
  addEventListener("pagehide", () => {
    if (pending.length) navigator.sendBeacon("/_demo/events", JSON.stringify(pending.splice(0)));
  });
}

/** Resolve once everything seen so far is in the journal. */
export async function flushed() {
  while (sending) await sending;
}

function note(type, event) {
  const control = event.target.closest?.("[data-journal]");
  if (!control) return;
  const target = control.dataset.journal;
  const first = type === "input" && target === "messageBox" && !textSeen;
  textSeen ||= first;
  pending.push({ type, trusted: event.isTrusted, target, first });
  sending ??= send();
}

async function send() {
  await Promise.resolve();
  try {
    while (pending.length) {
      const body = JSON.stringify(pending.splice(0, 200));
      const response = await fetch("/_demo/events", { method: "POST", body, keepalive: true });
      for (const fault of (await response.json()).faults ?? []) onFault(fault);
    }
  } catch {
    pending.length = 0; // the server has gone: there is nobody to report to
  } finally {
    sending = null;
  }
}

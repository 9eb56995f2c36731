// One conversation of the page: sends messages, shows their answers, stops, retries and takes votes.

import { readRecords } from "./answer_stream.js";
import { flushed } from "./event_journal.js";
import { newId } from "./ids.js";
import { AnswerView, clearTranscript, revealNames, showProblem, showUserMessage } from "./transcript.js";

const STREAM = "/nextjs-api/stream";
const STOP_PATIENCE_MS = 1000; // then the page drops the stream by itself
const CHOICES = [
  ["A is better", "a"],
  ["B is better", "b"],
  ["Tie", "tie"],
  ["Both are bad", "both-bad"],
];

export class Chat {
  #mode;
  #models;
  #names;
  #sessionId = newId();
  #begun = false;
  #running = null;
  #onState;
  #onLoginNeeded;

  constructor({ mode, models, names, onState, onLoginNeeded }) {
    this.#mode = mode;
    this.#models = models;
    this.#names = names;
    this.#onState = onState;
    this.#onLoginNeeded = onLoginNeeded;
  }

  get answering() {
    return this.#running !== null;
  }

  /** Show a conversation that the server knows, and go on with it. */
  restore(conversation) {
    this.#sessionId = conversation.id;
    this.#begun = true;
    let view = null;
    let turn = null;
    for (turn of conversation.turns) {
      showUserMessage(turn.content);
      view = this.#newView();
      for (const [lane, text] of Object.entries(turn.replies)) view.addText(lane, text);
    }
    if (view) this.#offer(view, { userMessageId: turn.userMessageId, messageIds: turn.messageIds });
  }

  async send(content) {
    const ids = { userMessageId: newId(), messageIds: Object.fromEntries(this.#lanes().map((lane) => [lane, newId()])) };
    showUserMessage(content);
    const path = this.#begun ? `${STREAM}/post-to-evaluation/${this.#sessionId}` : `${STREAM}/create-evaluation`;
    await this.#answer(this.#newView(), ids, path, { method: "POST", body: JSON.stringify(this.#body(content, ids)) });
  }

  /** Ask the server to stop, and drop the stream if it does not end by itself. */
  async stop() {
    const running = this.#running;
    if (!running) return;
    setTimeout(() => running.controller.abort(), STOP_PATIENCE_MS);
    await fetch(`${STREAM}/stop/${this.#sessionId}/messages/${running.ids.userMessageId}`, { method: "POST" });
  }

  async #retry(view, ids) {
    const path = `${STREAM}/retry-evaluation-session-message/${this.#sessionId}/messages/${ids.messageIds.a}`;
    view.clear();
    await this.#answer(view, ids, path, { method: "PUT", body: "{}" });
  }

  #lanes() {
    return this.#mode === "direct" ? ["a"] : ["a", "b"];
  }

  #newView() {
    return new AnswerView(this.#lanes(), this.#names);
  }

  #body(content, { userMessageId, messageIds }) {
    const [modelAId, modelBId] = this.#models();
    return {
      id: this.#sessionId,
      mode: this.#mode,
      ...(modelAId && { modelAId }),
      ...(modelBId && { modelBId }),
      userMessageId,
      modelAMessageId: messageIds.a,
      ...(messageIds.b && { modelBMessageId: messageIds.b }),
      userMessage: { content, experimental_attachments: [], metadata: {} },
      modality: "chat",
      recaptchaV3Token: "demo",
    };
  }

  async #answer(view, ids, path, request) {
    this.#begin(view, ids);
    const { controller } = this.#running;
    try {
      await flushed();
      const response = await fetch(path, { ...request, signal: controller.signal });
      if (await this.#refused(response)) return;
      this.#takeAddress();
      const misbehave = misbehaviour(response, () => this.#leave(controller));
      await readRecords(response.body, (lane, code, payload) => {
        this.#show(view, lane, code, payload);
        if (code === "0") misbehave();
      });
      if (!view.hasText()) throw new Error("Something went wrong with this response.");
    } catch (failure) {
      if (!controller.signal.aborted) showProblem(failure.message);
    } finally {
      this.#end(view, ids);
    }
  }

  #begin(view, ids) {
    view.withdraw();
    this.#running = { ids, controller: new AbortController() };
    this.#onState();
  }

  #end(view, ids) {
    this.#running = null;
    if (this.#begun) this.#offer(view, ids);
    this.#onState();
  }

  async #refused(response) {
    if (response.ok) return false;
    const text = await response.text();
    if (response.status === 401 && text.includes("LOGIN_GATE")) this.#onLoginNeeded();
    showProblem(`The site refused this message (${response.status}).`);
    return true;
  }

  #takeAddress() {
    if (!this.#begun) history.pushState(null, "", `/c/${this.#sessionId}`);
    this.#begun = true;
  }

  #leave(controller) {
    controller.abort();
    clearTranscript();
    this.#sessionId = newId();
    this.#begun = false;
  }

  #show(view, lane, code, payload) {
    if (code === "0" && payload === "hasArenaError") throw new Error("Something went wrong with this response.");
    if (code === "3") throw new Error(payload);
    if (code === "0") view.addText(lane, payload);
    if (code === "g") view.addReasoning(lane, payload);
    if (code === "2") {
      for (const part of payload) if (part.type === "image") view.addImage(lane, part.image);
    }
    if (code === "c") view.addSource(lane, JSON.parse(payload.argsTextDelta).source);
  }

  #offer(view, ids) {
    const retry = ["Retry", "retry", () => this.answering || this.#retry(view, ids)];
    const votes = CHOICES.map(([label, choice]) => [label, "vote", () => this.#vote(view, choice)]);
    view.offer(this.#mode === "direct" || Object.keys(this.#names).length ? [retry] : [...votes, retry]);
  }

  async #vote(view, choice) {
    const body = JSON.stringify({ session_id: this.#sessionId, choice });
    const response = await fetch("/api/vote", { method: "POST", body });
    if (!response.ok) return showProblem("The vote was not taken.");
    this.#names = (await response.json()).models;
    view.withdraw();
    revealNames(this.#names);
  }
}

// Failures on demand in which the page itself misbehaves after so many text records.
function misbehaviour(response, leave) {
  const [action, after, to] = (response.headers.get("x-demo-page-action") ?? "").split(" ");
  let texts = 0;
  return () => {
    texts += 1;
    if (!action || texts !== Number(after)) return;
    if (action === "reload") location.reload();
    if (action === "navigate") {
      history.pushState(null, "", to);
      leave();
    }
  };
}

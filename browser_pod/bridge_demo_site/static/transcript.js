// Shows a conversation: messages of the user, and answers in one or two lanes.

const transcript = document.getElementById("transcript");

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function toTheEnd() {
  transcript.scrollTop = transcript.scrollHeight;
}

export function clearTranscript() {
  transcript.replaceChildren();
}

export function showUserMessage(content) {
  transcript.append(element("article", "user", content));
  toTheEnd();
}

export function showProblem(message) {
  const problem = element("p", "problem", message);
  problem.setAttribute("role", "alert");
  transcript.append(problem);
  toTheEnd();
}

/** One answer on the page, in as many lanes as models answer. */
export class AnswerView {
  #root = element("section", "answer");
  #lanes = {};

  constructor(lanes, names) {
    for (const lane of lanes) {
      const view = element("article", "lane");
      view.dataset.lane = lane;
      const title = names[lane] ?? (lanes.length > 1 ? `Assistant ${lane.toUpperCase()}` : "");
      const header = element("h3", "", title);
      const reasoning = element("details", "reasoning");
      reasoning.append(element("summary", "", "Reasoning"), document.createTextNode(""));
      reasoning.hidden = true;
      const text = element("div", "text");
      const extras = element("div", "extras");
      view.append(header, reasoning, text, extras);
      this.#root.append(view);
      this.#lanes[lane] = { header, reasoning, text, extras };
    }
    transcript.append(this.#root);
    toTheEnd();
  }

  addText(lane, delta) {
    this.#lanes[lane].text.append(delta);
    toTheEnd();
  }

  addReasoning(lane, delta) {
    const { reasoning } = this.#lanes[lane];
    reasoning.hidden = false;
    reasoning.append(typeof delta === "string" ? delta : (delta.text ?? ""));
  }

  addImage(lane, url) {
    this.#lanes[lane].extras.append(Object.assign(new Image(), { src: url, alt: "Generated image" }));
  }

  addSource(lane, source) {
    const link = Object.assign(element("a", "source", source.title), { href: source.url, rel: "noreferrer" });
    this.#lanes[lane].extras.append(link);
  }

  hasText() {
    return Object.values(this.#lanes).some(({ text }) => text.textContent !== "");
  }

  clear() {
    for (const { reasoning, text, extras } of Object.values(this.#lanes)) {
      text.textContent = "";
      reasoning.hidden = true;
      reasoning.lastChild.textContent = "";
      extras.replaceChildren();
    }
  }

  /** Offer buttons under the answer; `actions` are `[label, journal name, handler]`. */
  offer(actions) {
    this.withdraw();
    const row = element("div", "offers");
    for (const [label, journal, handler] of actions) {
      const button = element("button", "", label);
      button.type = "button";
      button.dataset.journal = journal;
      button.addEventListener("click", handler);
      row.append(button);
    }
    this.#root.append(row);
    toTheEnd();
  }

  withdraw() {
    this.#root.querySelector(".offers")?.remove();
  }
}

/** Put the models' names over all lanes. */
export function revealNames(names) {
  for (const lane of transcript.querySelectorAll("[data-lane]")) {
    lane.querySelector("h3").textContent = names[lane.dataset.lane];
  }
}

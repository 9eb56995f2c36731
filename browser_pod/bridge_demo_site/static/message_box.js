// A text box as React controls it: what counts is the state, and only an `input` event with a new native value changes it.

const native = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");

export class MessageBox {
  #element;
  #state = "";
  #tracked = "";
  #onChange;

  constructor(element, onChange) {
    this.#element = element;
    this.#onChange = onChange;
    this.#trackAssignments();
    element.addEventListener("input", () => this.#takeInput());
  }

  get text() {
    return this.#state;
  }

  set text(value) {
    this.#state = value;
    this.#render();
    this.#onChange();
  }

  // Assigning `element.value` looks like a change but is none: React's tracker takes note of it, and the next render undoes it.
  #trackAssignments() {
    const box = this;
    Object.defineProperty(this.#element, "value", {
      configurable: true,
      get() {
        return native.get.call(this);
      },
      set(value) {
        box.#tracked = String(value);
        native.set.call(this, value);
        setTimeout(() => box.#render());
      },
    });
  }

  #takeInput() {
    const value = native.get.call(this.#element);
    if (value === this.#tracked) {
      this.#render();
      return;
    }
    this.#tracked = value;
    this.#state = value;
    this.#onChange();
  }

  #render() {
    if (native.get.call(this.#element) !== this.#state) native.set.call(this.#element, this.#state);
    this.#tracked = this.#state;
  }
}

// The list of models: a button that opens a listbox, fed by the catalogue.

let catalogue;

/** Load the models that a person can pick, in the catalogue's order. */
export async function loadModels() {
  catalogue ??= fetch("/nextjs-api/model-catalog").then((response) => response.json());
  return (await catalogue)
    .flatMap((arena) => arena.models)
    .filter((model) => model.userSelectable && model.organization && model.capabilities.outputCapabilities.text);
}

export class ModelPicker {
  #models = [];
  #selected = null;
  #button;
  #list = null;

  constructor(parent, label) {
    this.#button = document.createElement("button");
    Object.assign(this.#button, { type: "button", className: "picker", textContent: "Loading models…", disabled: true });
    this.#button.setAttribute("role", "combobox");
    this.#button.setAttribute("aria-label", label);
    this.#button.setAttribute("aria-expanded", "false");
    this.#button.dataset.journal = "modelPicker";
    this.#button.addEventListener("click", () => (this.#list ? this.#close() : this.#open()));
    parent.append(this.#button);
    document.addEventListener("pointerdown", (event) => this.#closeIfOutside(event.target));
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.#close());
  }

  get modelId() {
    return this.#selected?.id ?? null;
  }

  show(models, selected) {
    this.#models = models;
    this.#select(selected ?? models[0]);
    this.#button.disabled = false;
  }

  showProblem() {
    this.#button.textContent = "No models";
  }

  #select(model) {
    this.#selected = model;
    this.#button.textContent = model.publicName;
    this.#button.title = model.organization;
  }

  #open() {
    this.#list = document.createElement("div");
    this.#list.className = "models";
    this.#list.setAttribute("role", "listbox");
    this.#list.append(...this.#models.map((model) => this.#option(model)));
    const place = this.#button.getBoundingClientRect();
    this.#list.style.top = `${place.bottom + 4}px`;
    this.#list.style.right = `${innerWidth - place.right}px`;
    document.body.append(this.#list);
    this.#button.setAttribute("aria-expanded", "true");
  }

  #option(model) {
    const option = document.createElement("div");
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", String(model === this.#selected));
    option.dataset.journal = "modelOption";
    const organization = document.createElement("small");
    organization.textContent = model.organization;
    const name = document.createElement("div");
    name.textContent = model.publicName;
    option.append(name, organization);
    option.addEventListener("click", () => {
      this.#select(model);
      this.#close();
    });
    return option;
  }

  #closeIfOutside(target) {
    if (this.#list && !this.#list.contains(target) && !this.#button.contains(target)) this.#close();
  }

  #close() {
    this.#list?.remove();
    this.#list = null;
    this.#button.setAttribute("aria-expanded", "false");
  }
}

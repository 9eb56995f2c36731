// What lies over the page: the cookie banner, the terms of use, the login wall.

const app = document.getElementById("app");

export function showCookieBanner() {
  const banner = copyOf("cookie-banner");
  document.body.append(banner);
  banner.querySelector("button").addEventListener("click", () => {
    remember("demo_cookies");
    banner.remove();
  });
}

/** Show the terms; resolves once they are accepted. */
export function showTerms() {
  return showModal("terms", (overlay, close) => {
    overlay.querySelector("button").addEventListener("click", () => {
      remember("demo_terms");
      close();
    });
  });
}

/** Show the login wall; resolves once somebody has logged in. */
export function showLogin() {
  return showModal("login", (overlay, close) => {
    const [email, password] = overlay.querySelectorAll("input");
    const logIn = async () => {
      const body = JSON.stringify({ email: email.value, password: password.value });
      const response = await fetch("/api/login", { method: "POST", body });
      if (response.ok) return close();
      const problem = overlay.querySelector(".problem");
      problem.textContent = (await response.json()).error;
      problem.hidden = false;
    };
    overlay.querySelector("button").addEventListener("click", logIn);
    password.addEventListener("keydown", (event) => event.key === "Enter" && logIn());
    email.focus();
  });
}

function showModal(template, wire) {
  return new Promise((resolve) => {
    const overlay = copyOf(template);
    document.body.append(overlay);
    app.inert = true; // a modal dialog keeps the keyboard too
    wire(overlay, () => {
      overlay.remove();
      app.inert = document.querySelector(".overlay") !== null;
      resolve();
    });
  });
}

function copyOf(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}

function remember(name) {
  document.cookie = `${name}=accepted; path=/; max-age=31536000; samesite=lax`;
}

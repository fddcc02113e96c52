// Who is signed in. `civchat` is read by the SDK when a call is made, so changing it here is all that signing in takes.

import { read, write } from "./store.js";

const MIRA = { user_id: "52", first_name: "Mira" };

window.civchat = { apiKey: "abc123", ...(read("signed-in", false) ? MIRA : {}) };

export function mountSession(button) {
  const show = () => {
    const signedIn = "user_id" in window.civchat;
    button.textContent = signedIn ? "Mira · sign out" : "Sign in as Mira";
    button.setAttribute("aria-pressed", String(signedIn));
  };
  button.addEventListener("click", () => {
    const signedIn = "user_id" in window.civchat;
    if (signedIn) for (const key of Object.keys(MIRA)) delete window.civchat[key];
    else Object.assign(window.civchat, MIRA);
    write("signed-in", !signedIn);
    show();
  });
  show();
}

// Who is signed in. `civchat` is read by the SDK when a call is made. The vendor's two calls go with it, as a shop makes
// them: a page hit with what is known of the user, and a log-out, after which the visitor is somebody else.

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
    write("signed-in", !signedIn);
    if (signedIn) {
      for (const key of Object.keys(MIRA)) delete window.civchat[key];
      UE.resetAuth({ apiKey: window.civchat.apiKey });
    } else {
      Object.assign(window.civchat, MIRA);
      UE.pageHit({ ...window.civchat });
    }
    show();
  });
  show();
}

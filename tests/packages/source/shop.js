// What every bundler's project is made of: a shop that starts Tillpost and says what happened.
import { on, start, status, track, userengage } from "tillpost";

on("error", ({ code }) => (document.title = code));
start({ app: "abc123", endpoint: "/api", attributes: { price: "float" } });
const answer = track({ product_id: "12-0", event_type: "add to cart", name: "Watering can", price: "24.5" });
userengage("event.search", { query: "can" });
if (!document.title) document.title = `${answer.ok} ${status().state}`;

// Has no queue: one request for each call, and what fails is lost.
import aa from "search-insights";

aa("init", { appId: "bench", apiKey: "bench", host: `${location.origin}/algolia`, userToken: "bench" });
window.benchTrack = ({ product_id, event_type, name, price, category }) =>
  void aa("addedToCartObjectIDs", {
    eventName: event_type,
    index: "products",
    objectIDs: [product_id],
    objectData: [{ price, quantity: 1 }],
    currency: "EUR",
    name,
    category,
  });
benchReady();

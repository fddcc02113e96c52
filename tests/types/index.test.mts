// What a strict customer writes, and what must not compile.
import {
  decorate,
  on,
  setConsent,
  start,
  status,
  track,
  userengage,
  type Answer,
  type EventType,
  type ProductEvent,
  type Status,
} from "tillpost";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type NotAny<T> = 0 extends 1 & T ? false : true;
const yes = <T extends true>(): T | undefined => undefined;

yes<Equal<ReturnType<typeof start>, boolean>>();
yes<Equal<ReturnType<typeof userengage>, void>>();
yes<NotAny<Answer>>();
yes<NotAny<Status["state"]>>();
yes<Equal<ReturnType<typeof status>, Status | undefined>>();

start({ app: "abc123" });
start({ app: "abc123", endpoint: "https://in.example/x", attributes: { price: "float" }, debug: true });
start({
  app: "abc123",
  tokenPolicy: "product",
  cleanAddress: true,
  bindTokens: true,
  linkOrigins: ["https://a.example"],
});
// @ts-expect-error there is no such policy
start({ app: "abc123", tokenPolicy: "all" });
decorate(document.body, "token", { panel: "picked" });
decorate(document.createElementNS("http://www.w3.org/2000/svg", "svg"), "token");
// @ts-expect-error a token is needed
decorate(document.body);
userengage("impressions", { token: "token", products: { "12-0": 1 } });
// @ts-expect-error products are needed
userengage("impressions", { token: "token" });
start({ app: "abc123", consent: "pending", globalPrivacyControl: true });
setConsent("granted");
// @ts-expect-error that is no word for it
setConsent("yes");
yes<NotAny<Status["consent"]>>();
// @ts-expect-error an app is needed
start({});
// @ts-expect-error "money" is no attribute type
start({ app: "abc123", attributes: { price: "money" } });
// @ts-expect-error there is no such option
start({ app: "abc123", debgu: true });

const answer = track({
  product_id: 12,
  event_type: "add to cart",
  name: "Watering can",
  price: 24.5,
  tags: ["a", "b"],
});
if (answer.ok) {
  yes<Equal<typeof answer.id, string>>();
  // @ts-expect-error an accepted event has no errors
  void answer.errors;
} else {
  yes<Equal<(typeof answer.errors)[number]["code"], string>>();
  // @ts-expect-error a refused event has no id
  void answer.id;
}
// @ts-expect-error a product_id is needed
track({ event_type: "view" });
// @ts-expect-error the list of types is closed
track({ product_id: "12", event_type: "addtocart" });
// @ts-expect-error a function cannot be sent
track({ product_id: "12", event_type: "view", price: () => 1 });

// One form for each type: the type narrows the event, and a value of the union type still fits.
const events: ProductEvent[] = [{ product_id: "12", event_type: "purchase", price: 1 }];
for (const event of events) if (event.event_type === "purchase") yes<Equal<typeof event.event_type, "purchase">>();
yes<Equal<Extract<ProductEvent, { event_type: "view" }>["event_type"], "view">>();
yes<Equal<ProductEvent["event_type"], EventType>>();
declare const anyType: EventType;
track({ product_id: "12", event_type: anyType });
const bought: ProductEvent<Own, "purchase" | "refund"> = { product_id: "12", event_type: "refund", price: 1 };
track<Own>(bought);
// @ts-expect-error a view is not among them
const viewed: ProductEvent<Own, "purchase" | "refund"> = { product_id: "12", event_type: "view", price: 1 };
void viewed;

interface Own {
  price: number;
  size?: "S" | "M";
}
track<Own>({ product_id: "12", event_type: "view", price: 1, size: "M" });
// @ts-expect-error the shop's own attributes are checked
track<Own>({ product_id: "12", event_type: "view", price: "1" });

userengage("product_event", { product_id: "12", event_type: "promo click" });
userengage("event.any name");
userengage("event.purchase", { total: 12n, lines: [{ id: 1 }], at: new Date(0) });
userengage("client.update", { first_name: "Ada" });
userengage("UE.pageHit");
userengage("UE.pageHit", { user_id: 52, event: { name: "signed up" } });
userengage("UE.resetAuth", { apiKey: "abc123" });
userengage("UE.destroy");
// @ts-expect-error the methods are these
userengage("UE.open");
// @ts-expect-error that is the chat window's
userengage("widget.open");

const off = on("stored", (report) => {
  yes<Equal<typeof report.id, string>>();
  yes<Equal<typeof report.event_type, EventType | undefined>>();
});
yes<Equal<typeof off, () => void>>();
on("sent", ({ status }) => void yes<Equal<typeof status, "stored" | "duplicate">>());
// @ts-expect-error there is no such topic
on("delivered", () => {});

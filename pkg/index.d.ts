/**
 * Product events from a shop's pages, stored before the call returns and delivered by fetch.
 *
 * @example
 * import { start, track } from "tillpost";
 * start({ app: "abc123", endpoint: "/api/public" });
 * track({ product_id: "12-0", event_type: "add to cart", name: "Watering can", price: 24.5 });
 */

/** The closed list of product event types (User.com, "How to create product events"). */
export type EventType =
  | "add to cart"
  | "purchase"
  | "liking"
  | "add to observation"
  | "order"
  | "reservation"
  | "return"
  | "view"
  | "click"
  | "detail"
  | "add"
  | "remove"
  | "checkout"
  | "checkout option"
  | "refund"
  | "promo click";

/** Attribute types that a shop can declare (User.com). What is not declared becomes text in the backend. */
export type AttributeType = "boolean" | "date" | "datetime" | "fixed" | "float" | "integer" | "json" | "string";

/** Values that are sent. Anything else is left out of the event with a warning. */
export type AttributeValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Date
  | readonly AttributeValue[]
  | { readonly [name: string]: AttributeValue };

/**
 * What was done with which product, one form for each event type. Copied inside the call.
 *
 * @typeParam Attributes the shop's own attributes, where it wants them checked
 * @typeParam Type the event types that are meant
 */
export type ProductEvent<
  Attributes extends object = { [name: string]: AttributeValue },
  Type extends EventType = EventType,
> = Type extends EventType
  ? {
      /** The shop's own id, 1 to 256 characters. */
      product_id: string | number;
      event_type: Type;
      name?: string;
      description?: string;
      /**
       * Wins over a token of a panel or of the page's address. 1 to 1,024 characters of letters, digits and
       * `- _ . ~ = + / : |`.
       */
      recommendation_token?: string;
    } & Attributes
  : never;

/** One thing that is wrong with a call. The codes are in `docs/codes.md`. */
export interface Problem {
  code: string;
  /** The attribute or option that is meant; absent where it is the call as a whole. */
  field?: string;
  /** What was probably meant. */
  nearest?: string;
}

/** The answer to one call. */
export type Answer =
  | {
      /** The event is in storage, or in memory where storage does not take it. */
      ok: true;
      /** The record's id, as the endpoint will know it. */
      id: string;
      /** What was changed or left out. */
      warnings: Problem[];
    }
  | {
      /** The event is not stored. */
      ok: false;
      errors: Problem[];
      warnings: Problem[];
    };

export interface Options {
  /**
   * The public application key: 1 to 32 letters, digits, `-` and `_`. A 64-character REST key is refused: it is a secret.
   */
  app: string;
  /**
   * Where events go: a path of the page's origin, or an http(s) address without query. `/batch/` is added.
   * @default "/api/public"
   */
  endpoint?: string;
  /**
   * Query parameters that may hold a recommendation token, in this order.
   * @default ["recommendation_token", "recommendationToken", "attribution_token", "attributionToken", "recommendation_id", "recommId", "rtoken"]
   */
  tokenParameters?: string[];
  /**
   * Which events carry a token besides those whose payload brings one.
   *
   * - `panel`: every event on a panel; on the landing page the first `click`, `view` or `detail` of the landed product
   * - `product`: and every further event of that product on the same page view
   * - `none`
   * @default "panel"
   */
  tokenPolicy?: "panel" | "product" | "none";
  /**
   * Take the token out of the address bar once it was read; everything else of the address stays.
   * @default false
   */
  cleanAddress?: boolean;
  /**
   * Leave a token out that came by a link which another visitor has shared. A panel's links then carry a mark of five
   * characters; it says nothing about the visitor.
   * @default false
   */
  bindTokens?: boolean;
  /**
   * Other origins to which a panel's links carry the token, such as `https://blog.shop.example`.
   * @default []
   */
  linkOrigins?: string[];
  /**
   * Query parameters that a page's address keeps when it is sent.
   * @default []
   */
  queryParameters?: string[];
  /**
   * Declared attribute types, by name: values are checked and converted; what does not fit is sent as it is, with a warning.
   * @default {}
   */
  attributes?: Record<string, AttributeType>;
  /**
   * What the visitor allows when the page starts; `setConsent` changes it.
   * @default "granted"
   */
  consent?: Consent;
  /**
   * Is a browser that sends Global Privacy Control one whose visitor has denied consent? Then `setConsent("granted")`
   * does not change that.
   * @default false
   */
  globalPrivacyControl?: boolean;
  /**
   * Explain each call in the console: what was accepted, changed or refused, and why.
   * @default false
   */
  debug?: boolean;
  /**
   * `false`: WebAssembly is not tried, the JavaScript build is used at once. For a page whose policy reports each try.
   * `true`: the JavaScript build is used where WebAssembly is not allowed.
   * @default true
   */
  wasm?: boolean;
}

/**
 * - `granted`: events are stored and sent.
 * - `pending`: events are held in memory. Nothing is stored, no visitor's id either, and nothing is sent. What earlier
 *   pages stored with consent stays where it is.
 * - `denied`: what is held is cleared, all that Tillpost has stored is erased, requests under way are aborted. Calls are
 *   refused with `consent_denied`.
 */
export type Consent = "granted" | "pending" | "denied";

export interface Status {
  /**
   * - `loading`: WebAssembly is not allowed; the JavaScript build is being fetched, calls are kept until it is there
   * - `ready`: the options were not usable; calls are kept
   * - `standby`: this tab has asked to send; another one sends for all
   * - `idle`: nothing waits
   * - `waiting`: records gather, or the endpoint gets time to recover
   * - `sending`
   * - `offline`: the browser says that there is no network
   * - `paused`: the endpoint answered 401 or 403; `flush()` or the next page tries again
   * - `broken`: the module trapped, or could not be loaded; calls are kept for the next page
   */
  state: "loading" | "ready" | "standby" | "idle" | "waiting" | "sending" | "offline" | "paused" | "broken";
  /** Records that this tab is to send. */
  queued: number;
  /** `memory` while storage does not take records (it is tried again every 5 s), or without consent. */
  storage: "local" | "memory";
  consent: Consent;
  /** Records dropped for a bound that the endpoint has not been told of. */
  dropped: number;
  /** Failures of delivery in a row. */
  failures: number;
  /** The visitor's id, as the endpoint knows it: the cookie `__ca__chat` where the shop has it, else one of ours. */
  visitor: string;
  version: string;
}

/** What can be heard of, by topic. Listeners run in a microtask, after the call that caused the report. */
export interface Reports {
  /** A call was accepted. */
  stored: {
    topic: "stored";
    id: string;
    kind: string;
    product_id?: string;
    event_type?: EventType;
    warnings?: Problem[];
  };
  /** A call was refused; or, with an `id`, the endpoint refused its record. */
  rejected: { topic: "rejected"; id?: string; kind?: string; errors: Problem[]; warnings?: Problem[] };
  /** The endpoint has the record. */
  sent: { topic: "sent"; id: string; status: "stored" | "duplicate" };
  /** Records were dropped. */
  dropped: { topic: "dropped"; count: number; code: string };
  /** Storage, delivery or configuration. */
  error: { topic: "error"; code: string; field?: string; nearest?: string };
}

/**
 * Makes the module and starts it, once for a page. A second call changes nothing.
 *
 * @returns whether events can be delivered with these options; if not, a report says why, and calls are kept for a page that
 *   can. Never throws. Where the JavaScript build has to be fetched first, `true` until it is known better.
 */
export function start(options: Options): boolean;

/** Stores a product event. Never throws. Before `start` the answer is the error `not_started`. */
export function track<Attributes extends object = { [name: string]: AttributeValue }>(
  event: ProductEvent<NoInfer<Attributes>>,
): Answer;

/** The vendor's call: the same without an answer. */
export function userengage(kind: "product_event", payload: ProductEvent): void;
export function userengage(kind: `event.${string}`, attributes?: { [name: string]: AttributeValue }): void;
export function userengage(kind: "client.update", attributes: { [name: string]: AttributeValue }): void;
/** A page view, and attributes of the visitor: `UE.pageHit(...)` of the vendor's script. `apiKey` is not sent. */
export function userengage(kind: "UE.pageHit" | "UE.init", attributes?: { [name: string]: AttributeValue }): void;
/** Attributes of the visitor: `UE.refresh(...)`. */
export function userengage(kind: "UE.refresh", attributes?: { [name: string]: AttributeValue }): void;
/** Log-out: this visitor ends, and what is passed speaks of the next. */
export function userengage(kind: "UE.resetAuth", attributes?: { [name: string]: AttributeValue }): void;
/** Sends what waits. Calls after it still count. */
export function userengage(kind: "UE.destroy"): void;
/** Recommended products that were seen: ids, and their places counted from 1. `impressions.js` does this by itself. */
export function userengage(
  kind: "impressions",
  seen: { token: string; panel?: string; products: { [product_id: string]: number | null } },
): void;

/**
 * Makes an element a recommendation panel, as the attributes `data-recommendation-token` and `data-recommendation-panel`
 * do: its links bring the token to the page that they lead to, and a product event that a click in it causes carries it.
 *
 * @param element an element of the page
 * @param token of the answer that the panel shows, 1 to 1,024 characters
 */
export function decorate(
  element: { dataset: { [name: string]: string | undefined } },
  token: string,
  options?: {
    /** The shop's name of the panel: 1 to 64 letters, digits, `-` and `_`. */
    panel?: string;
  },
): void;

/** Asks for delivery now: ends the gathering of records, and the pause after 401 or 403. */
export function flush(): void;

/** What the visitor has chosen. Speaks of this page only: tell each page, or name it in the options. */
export function setConsent(consent: Consent): void;

/** How delivery is doing; `undefined` before `start`. */
export function status(): Status | undefined;

/** @returns a function that takes the listener away again */
export function on<Topic extends keyof Reports>(topic: Topic, listener: (report: Reports[Topic]) => void): () => void;

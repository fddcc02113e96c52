// The mirror: a copy of the records in IndexedDB, written in the background. localStorage loses its last seconds when the
// browser's process is killed; a transaction that is complete is kept. What localStorage does not take is here as well.
//
// Decides nothing, and is never waited for. Where IndexedDB is missing, blocked, full or of another version the mirror is
// off until the next page, and nobody hears of it.
//
// Database "tillpost", version 1, one store "records": keys and texts as in localStorage.
import { quote } from "./copy.mjs";
import { setItem } from "./native.mjs";
import { keysOf, oneLine, read, RECORD, remove } from "./storage.mjs";

const NAME = "tillpost";
const RECORDS = "records";

/**
 * Where localStorage holds the keys of records that were forgotten, but may be in the mirror until its next transaction is
 * complete. A page that is left in between would find them there, and send again what was acknowledged.
 */
export const FORGOTTEN = "tillpost:forgotten:";

/** The visitor has refused: there is no mirror any more. Another tab's is closed, and made anew where it goes on. */
export function eraseMirror() {
  try {
    indexedDB.deleteDatabase(NAME);
  } catch {
    // Blocked: there is none.
  }
}

/** @param {(...parts: string[]) => void} tell as in pkg/host.mjs */
export function mirror(tell) {
  let database;
  let broken;
  /** What waits for the database to open. */
  let waiting = [];
  /** Is a transaction of changes under way? The next one gathers until it is complete. */
  let busy;
  /** By key: a text, `undefined` for what localStorage holds by then, `null` where it is to be deleted. */
  let changes = new Map();
  /** Items of localStorage that these changes make superfluous. */
  let notes = [];
  /** What localStorage did not take is tried again and again, and is copied once. */
  const copied = new Set();

  /** Does the engine wait for what the mirror holds? It is always answered. */
  let asked;

  const answer = (found) => {
    if (asked) tell("recalled", quote(found.join("\n")));
    asked = false;
  };

  const fail = (event) => {
    // An error that nobody handles would be the page's.
    event?.preventDefault();
    broken = true;
    changes.clear();
    keysOf(FORGOTTEN).forEach(remove);
    answer([]);
  };

  const close = () => {
    database?.close();
    database = undefined;
  };

  const transact = (work, done) => {
    if (broken) return;
    try {
      if (database) {
        const transaction = database.transaction(RECORDS, "readwrite", { durability: "relaxed" });
        transaction.oncomplete = done;
        transaction.onabort = fail;
        return work(transaction.objectStore(RECORDS), transaction);
      }
      if (waiting.push([work, done]) > 1) return;
      const opening = indexedDB.open(NAME, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(RECORDS);
      opening.onerror = fail;
      opening.onsuccess = () => {
        database = opening.result;
        database.onversionchange = database.onclose = close;
        for (const [work, done] of waiting.splice(0)) transact(work, done);
      };
    } catch {
      fail();
    }
  };

  const write = () => {
    if (!changes.size) return;
    let written;
    busy = true;
    transact(
      (records, transaction) => {
        for (const [key, text] of changes) {
          // Another tab may have forgotten what this one stored: then there is nothing to copy any more.
          const value = text === undefined ? read(key) : text;
          if (value != null) records.put(value, key);
          else if (text === null) records.delete(key);
        }
        changes = new Map();
        written = notes.splice(0);
        // Not waiting for answers, it is complete also when the page is left now.
        transaction.commit?.();
      },
      () => {
        written.forEach(remove);
        busy = false;
        if (changes.size) write();
      },
    );
  };

  const change = (key, text) => {
    // At the end of this turn of the event loop: many calls are one transaction.
    if (!changes.size && !busy) queueMicrotask(write);
    changes.set(key, text);
  };

  return {
    /** Copies a record: what localStorage holds, or the text that it did not take. */
    copy(key, text) {
      if (broken || (text && copied.has(key))) return;
      if (text) copied.add(key);
      else copied.delete(key);
      change(key, text);
    },

    /** Removes records from localStorage now, and from the mirror with its next transaction. */
    forget(list) {
      const keys = list.split(" ");
      keys.forEach(remove);
      if (broken) return;
      try {
        // A name of its own: one that is written over would say nothing of the keys that were in it.
        const note = FORGOTTEN + Math.random();
        setItem.call(localStorage, note, list);
        notes.push(note);
      } catch {
        // Full or blocked: what is left in the mirror may be sent again.
      }
      for (const key of keys) {
        copied.delete(key);
        change(key, null);
      }
    },

    /** Tells the engine of what the mirror holds and localStorage does not, but for what was forgotten. */
    recall() {
      asked = true;
      if (broken) return answer([]);
      const found = [];
      let old;
      transact(
        (records) => {
          // Of what is forgotten later the deletion is still to come as well: after copies that are on their way.
          old = keysOf(FORGOTTEN);
          for (const note of old) for (const key of `${read(note)}`.split(" ")) records.delete(key);
          records.getAllKeys().onsuccess = ({ target }) => {
            const here = new Set(keysOf(RECORD));
            for (const key of target.result)
              if (!here.has(key))
                records.get(key).onsuccess = ({ target }) =>
                  found.push([oneLine(`${key}`), oneLine(`${target.result}`)]);
          };
        },
        () => {
          old.forEach(remove);
          // Forgotten meanwhile, here or by the leader before.
          const late = keysOf(FORGOTTEN).map(read).join(" ").split(" ");
          const lost = found.filter(([key]) => !late.includes(key));
          answer(lost.flat());
        },
      );
    },

    /** What is not copied yet will not be. */
    discard() {
      changes.clear();
      copied.clear();
    },

    /** The page is left: an open database could cost it its place in the back-forward cache. */
    leave() {
      if (changes.size && database) write();
      close();
    },
  };
}

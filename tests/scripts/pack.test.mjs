import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as path, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { arrange } from "../../scripts/lib/arrange.mjs";
import { RANKS, pack, sources } from "../../scripts/lib/pack.mjs";

const assembler = resolve(fileURLToPath(import.meta.url), "../../../node_modules/binaryen/bin/wasm-as");

/** A module that uses every way in which an opcode is followed by something. */
const everything = `(module
  (import "page" "note" (func $note (param i32 i64)))
  (memory (export "memory") 1)
  (global $sum (mut i64) (i64.const 0))
  (data (i32.const 20000) "data \\00\\ff, that is the last of the module")
  (table 2 funcref)
  (elem (i32.const 0) $double $negate)
  (type $unary (func (param f64) (result f64)))
  (func $double (param f64) (result f64) (f64.mul (local.get 0) (f64.const 2.5)))
  (func $negate (param f64) (result f64) (f64.promote_f32 (f32.mul (f32.const -1.5) (f32.demote_f64 (local.get 0)))))
  (func (export "call") (param $which i32) (param $x f64) (result f64)
    (call_indirect (type $unary) (local.get $x) (local.get $which)))
  (func (export "table") (param $x i32) (result i32)
    (block $a (block $b (block $c (br_table $c $b $a (local.get $x))) (return (i32.const 100000))) (return (i32.const -7)))
    (i32.const 128))
  (func (export "bytes") (param $n i32) (result i64)
    (local $i i32) (local $unused i64)
    (memory.fill (i32.const 0) (i32.extend8_s (i32.const 200)) (local.get $n))
    (memory.copy (i32.const 4096) (i32.const 0) (local.get $n))
    (i64.store offset=60000 (i32.const 16) (i64.const 81985529216486895))
    (loop $next
      (global.set $sum (i64.add (global.get $sum) (i64.load8_u offset=4096 (local.get $i))))
      (if (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)) (then (br $next))))
    (i64.add (global.get $sum) (i64.extend_i32_u (i32.trunc_sat_f64_u (f64.const 1e3)))))
  (func $start (call $note (i32.const 1) (i64.const -1)) (global.set $sum (call $mixed (i64.const 4) (i32.const 3))))
  (start $start)
  (func $mixed (export "mixed") (param $x i64) (param $y i32) (result i64)
    (local $never i32) (local $float f64) (local $last i64) (local $middle i32) (local $first i64)
    (local.set $first (i64.mul (local.get $x) (i64.const 3)))
    (local.set $middle (i32.shl (local.get $y) (i32.const 2)))
    (local.set $last (i64.sub (local.get $first) (i64.extend_i32_s (local.get $middle))))
    (local.set $float (f64.convert_i64_s (local.get $last)))
    (call $note (local.get $middle) (i64.trunc_sat_f64_s (f64.neg (local.get $float))))
    (i64.add (local.get $last) (local.get $first)))
)`;

function assembled(t, text) {
  const folder = mkdtempSync(path(tmpdir(), "tillpost-pack-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name) => path(folder, name);
  writeFileSync(file("in.wat"), text);
  const features = ["--enable-bulk-memory", "--enable-sign-ext", "--enable-nontrapping-float-to-int"];
  execFileSync(process.execPath, [assembler, ...features, file("in.wat"), "-o", file("out.wasm")]);
  return new Uint8Array(readFileSync(file("out.wasm")));
}

const instance = (bytes, imports) => new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;

/** As pkg/unpack.mjs does. */
function unpacked(t, text) {
  const { m, u } = instance(assembled(t, sources().unpacker));
  const memory = new Uint8Array(m.buffer);
  new TextEncoder().encodeInto(text, memory.subarray(1376256));
  let end;
  while (!(end = u()));
  return memory.slice(1441792 + 2 + RANKS, 1441792 + end);
}

test("a module that was packed and unpacked does what it did before", (t) => {
  const before = assembled(t, everything);
  const after = unpacked(t, pack(before, assembled(t, sources().model)));
  const behaviour = (bytes) => {
    const answers = [];
    const exports = instance(bytes, { page: { note: (...noted) => answers.push(noted) } });
    answers.push([0, 1, 2, 9].map(exports.table), exports.mixed(-7n, 5));
    answers.push(exports.call(0, 4), exports.call(1, 4), exports.bytes(300), exports.bytes(5));
    return [...answers, Buffer.from(exports.memory.buffer).toString("base64")];
  };
  assert.deepEqual(behaviour(after), behaviour(before));
});

test("functions stand by their type, the most alike next to each other, and variables in the order of their use", (t) => {
  const body = (...constants) => constants.map((constant) => `(drop (i32.const ${constant}))`).join("");
  const before = assembled(
    t,
    `(module
      (type $later (func (param i64))) (type $sooner (func))
      (func (export "a") ${body(2001, 2002, 2003, 2004)} (call $b (i64.const 1)))
      (func $b (export "b") (param i64) (local $later i32) (local $sooner i32) (local.set $later (local.tee $sooner (i32.const 1))))
      (func (export "c") ${body(1, 2, 3, 4, 5, 6, 7, 8)})
      (func (export "d") ${body(2001, 2002, 2003, 2005)}))`,
  );
  const after = arrange(before);
  const names = (bytes) =>
    Object.fromEntries(Object.entries(instance(bytes)).map(([name, { name: place }]) => [name, Number(place)]));
  assert.deepEqual(names(before), { a: 0, b: 1, c: 2, d: 3 });
  assert.deepEqual(names(after), { a: 0, d: 1, c: 2, b: 3 });
  const [tee, set] = [0x22, 0x21];
  assert.ok(Buffer.from(before).includes(Buffer.from([tee, 2, set, 1])));
  assert.ok(Buffer.from(after).includes(Buffer.from([tee, 1, set, 2])));
});

test("a module with a section that names functions in a way that is not known is an error of the build", (t) => {
  const module = assembled(t, "(module (func))");
  assert.throws(() => arrange(Uint8Array.from([...module, 0, 5, 4, ...Buffer.from("name")])), /Section 0/);
  const imported = assembled(t, '(module (import "a" "b" (global i32)))');
  assert.throws(() => arrange(imported), /imported/);
});

test("the text is safe in a script of any 8-bit encoding, and in a page", (t) => {
  const text = pack(assembled(t, everything), assembled(t, sources().model));
  assert.match(text, /^[=-[\]-}]+$/);
});

test("an opcode that is not known is an error of the build, not a broken page", (t) => {
  const module = assembled(t, everything);
  const place = module.lastIndexOf(0xfc);
  assert.notEqual(place, -1);
  module[place] = 0xfd; // a vector instruction
  assert.throws(() => pack(module, assembled(t, sources().model)), /opcode/);
});

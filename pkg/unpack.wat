;; Unpacks the module: a model guesses each binary decision of each byte, and a range decoder reads from the script's text
;; how far it was wrong. scripts/lib/pack.mjs is the other half: it runs the very same model, with the decoder replaced by
;; an import, so that both guess alike. What it costs and saves is in docs/performance.md.
;;
;; A number or a byte is of a kind, which says what may stand there: 0 opcodes (by their rank: the most frequent is 0), 1
;; bytes before the code, 3 data, 4 branches, 5 functions, 6 local variables declared, 7 constants, 8 local variables, 9
;; offsets, 13 others. Kinds below 4 are single bytes, the others LEB128. A byte of an odd kind is eight decisions, of an even
;; one as many as it has leading zeros, and then its bits.
;;
;; Three contexts guess, each from a place of its own table, that is from what followed the same history before; histories
;; are of opcodes, of bytes, and of values of this kind. What they say is weighted, by the last opcode, by whether another is
;; next, and by how often each of them was there before, and the weights learn.
;;
;; Memory: 0 contexts, 16 their places, 32 what they say, 48 their slots, three numbers each; 64 histories by kind, 112
;; rates, 120 what follows an opcode; 768 last values by kind; 24576 logits of chances; 32768 chances of
;; logits; 65536 tables; 851968 weights; 1376256 the text; 1441792 what comes out.
(module
  (memory (export "m") 27)
  (global $K i64 (i64.const 0x9e3779b97f4a7c15))
  (global $set (mut i32) (i32.const 0))
  (global $most (mut i32) (i32.const 0))
  (global $ops (mut i64) (i64.const 0))
  (global $bytes (mut i64) (i64.const 0))
  (global $range (mut i32) (i32.const 1))
  (global $code (mut i32) (i32.const 0))
  (global $text (mut i32) (i32.const 0))
  (global $end (mut i32) (i32.const 0))
  (global $functions (mut i32) (i32.const 0))
  (data (i32.const 64) "{tables}")

  ;; One decision, of which the chance that it is 1 is known, in 65536ths. A letter of the text is six bits: those from
  ;; `=` to `}`, without the backslash.
  (func $decide (param $chance i32) (result i32)
    (loop $next
      (if (i32.lt_u (global.get $range) (i32.const 0x4000000))
        (then
          (global.set $range (i32.shl (global.get $range) (i32.const 6)))
          (global.set $code
            (i32.sub
              (i32.add
                (i32.shl (global.get $code) (i32.const 6))
                (i32.load8_u offset=1376256 (global.get $text)))
              (i32.add (i32.const 61) (i32.gt_u (i32.load8_u offset=1376256 (global.get $text)) (i32.const 92)))))
          (global.set $text (i32.add (global.get $text) (i32.const 1)))
          (br $next))))
    (local.set $chance (i32.mul (i32.shr_u (global.get $range) (i32.const 16)) (local.get $chance)))
    (if (result i32) (i32.lt_u (global.get $code) (local.get $chance))
      (then
        (global.set $range (local.get $chance))
        (i32.const 1))
      (else
        (global.set $range (i32.sub (global.get $range) (local.get $chance)))
        (global.set $code (i32.sub (global.get $code) (local.get $chance)))
        (i32.const 0))))

  ;; The decision at this node of a byte's tree. A slot: a chance less a half in 16 bits, 13 bits of the context's hash
  ;; that tell another context in the same place, and how often it was there, up to 7.
  (func $bit (param $node i32) (result i32)
    (local $i i32) (local $hash i32) (local $slot i32) (local $known i32) (local $sum i32) (local $chance i32)
    (loop $contexts
      (i32.store offset=16 (local.get $i)
        (local.tee $slot
          (i32.or
            (i32.and
              (i32.shr_u
                (local.tee $hash
                  (i32.mul (i32.add (i32.load (local.get $i)) (local.get $node)) (i32.const 0x9e3779b1)))
                (i32.const 14))
              (i32.const 0x3fffc))
            (i32.shl (local.get $i) (i32.const 16)))))
      (i32.store offset=48 (local.get $i)
        (local.tee $slot
          (select
            (local.tee $slot (i32.load offset=65536 (local.get $slot)))
            (i32.and (local.get $hash) (i32.const 0xfff8))
            (i32.eqz (i32.and (i32.xor (local.get $slot) (local.get $hash)) (i32.const 0xfff8))))))
      ;; Never, a few times, often: two bits of each context choose the weights.
      (local.set $known
        (i32.or
          (i32.shl (local.get $known) (i32.const 2))
          (i32.shr_u (i32.add (i32.and (local.get $slot) (i32.const 7)) (i32.const 3)) (i32.const 2))))
      (i32.store offset=32 (local.get $i)
        (i32.load16_s
          (i32.add (i32.const 28672) (i32.and (i32.shr_s (local.get $slot) (i32.const 19)) (i32.const -2)))))
      (br_if $contexts (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 12))))
    (local.set $known (i32.add (global.get $set) (i32.shl (local.get $known) (i32.const 4))))
    (loop $mix
      (local.set $i (i32.sub (local.get $i) (i32.const 4)))
      (local.set $sum
        (i32.add
          (local.get $sum)
          (i32.mul
            (i32.load offset=32 (local.get $i))
            (i32.add (i32.const 29000) (i32.load (i32.add (local.get $known) (local.get $i)))))))
      (br_if $mix (local.get $i)))
    (local.set $sum
      (call $decide
        (local.tee $chance
          (i32.load16_u
            (i32.add (i32.const 49152) (i32.and (i32.shr_s (local.get $sum) (i32.const 15)) (i32.const -2)))))))
    ;; How wrong it was: the weights and the slots are moved.
    (local.set $chance (i32.sub (i32.shl (local.get $sum) (i32.const 16)) (local.get $chance)))
    (loop $learn
      (i32.store (local.tee $hash (i32.add (local.get $known) (local.get $i)))
        (i32.add
          (i32.load (local.get $hash))
          (i32.shr_s (i32.mul (local.get $chance) (i32.load offset=32 (local.get $i))) (i32.const 15))))
      (local.set $slot (i32.load offset=48 (local.get $i)))
      (i32.store offset=65536 (i32.load offset=16 (local.get $i))
        (i32.add
          (i32.add (local.get $slot) (i32.lt_u (i32.and (local.get $slot) (i32.const 7)) (i32.const 7)))
          (i32.shl
            (i32.shr_s
              (i32.mul
                (i32.sub
                  (i32.sub (i32.mul (local.get $sum) (i32.const 65504)) (i32.const 32752))
                  (i32.shr_s (local.get $slot) (i32.const 16)))
                (i32.load8_u offset=112 (i32.and (local.get $slot) (i32.const 7))))
              (i32.const 8))
            (i32.const 16))))
      (br_if $learn (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 12))))
    (local.get $sum))

  ;; The next byte or number of a kind. It is also written.
  (func $next (param $kind i32) (result i32)
    (local $i i32) (local $history i32) (local $bits i32) (local $length i32) (local $shift i32) (local $value i32)
    (loop $byte
      ;; Weights for what follows each opcode: numbers and bytes, or another opcode.
      (global.set $set
        (i32.shl
          (i32.add
            (i32.add (i32.shl (i32.eqz (local.get $kind)) (i32.const 8)) (i32.const 832))
            (i32.wrap_i64 (i64.shr_u (global.get $ops) (i64.const 48))))
          (i32.const 10)))
      (local.set $i (i32.const 2))
      (loop $contexts
        ;; Later bytes of a number have histories of their own.
        (local.set $history
          (i32.load8_u offset=64
            (i32.add
              (i32.mul (select (i32.const 2) (local.get $kind) (local.get $shift)) (i32.const 3))
              (local.get $i))))
        (i32.store (i32.shl (local.get $i) (i32.const 2))
          (i32.wrap_i64 (i64.shr_u (i64.mul (global.get $K) (i64.add
            (i64.shr_u
              (i64.load32_u offset=768 (i32.shl (local.get $kind) (i32.const 2)))
              (i64.extend_i32_u (i32.and (i32.shr_u (local.get $history) (i32.const 3)) (i32.const 24))))
            (i64.mul (global.get $K) (i64.add
              (i64.shr_u (global.get $ops) (i64.extend_i32_u (i32.and (local.get $history) (i32.const 56))))
              (i64.mul (global.get $K) (i64.add
                (i64.shr_u (global.get $bytes)
                  (i64.extend_i32_u (i32.shl (i32.and (local.get $history) (i32.const 7)) (i32.const 3))))
                (i64.mul (global.get $K)
                  ;; The last context of local variables knows which is the highest so far.
                  (i64.extend_i32_u
                    (i32.add
                      (i32.shl (local.get $shift) (i32.const 6))
                      (i32.add
                        (local.tee $bits (i32.add (local.get $kind) (i32.shl (local.get $i) (i32.const 4))))
                        (i32.shl
                          (i32.mul (global.get $most) (i32.eq (local.get $bits) (i32.const 40)))
                          (i32.const 12))))))))))))
            (i64.const 32))))
        (br_if $contexts (i32.ge_s (local.tee $i (i32.sub (local.get $i) (i32.const 1))) (i32.const 0))))
      (local.set $bits (i32.const 1))
      (local.set $length (i32.const 8))
      (if (i32.eqz (i32.and (local.get $kind) (i32.const 1)))
        (then
          (local.set $length (i32.const -1))
          (loop $unary
            (br_if $unary (call $bit (local.tee $length (i32.add (local.get $length) (i32.const 1))))))))
      (local.set $i (local.get $length))
      (loop $binary
        (if (local.get $i)
          (then
            (local.set $i (i32.sub (local.get $i) (i32.const 1)))
            (local.set $bits
              (i32.add
                (i32.shl (local.get $bits) (i32.const 1))
                (call $bit
                  (i32.add
                    (i32.const 8)
                    (i32.add (local.get $bits) (i32.shl (i32.const 1) (local.get $length)))))))
            (br $binary))))
      (local.set $bits (i32.and (i32.sub (local.get $bits) (i32.const 1)) (i32.const 255)))
      (if (i32.eqz (local.get $kind))
        (then
          ;; The ranks of opcodes are the first that was unpacked, behind a number of two bytes.
          (local.set $bits (i32.load8_u offset=1441794 (local.get $bits)))
          (global.set $ops
            (i64.or
              (i64.shr_u (global.get $ops) (i64.const 8))
              (i64.shl (i64.extend_i32_u (local.get $bits)) (i64.const 48))))))
      (i32.store8 offset=1441792 (global.get $end) (local.get $bits))
      (global.set $end (i32.add (global.get $end) (i32.const 1)))
      (global.set $bytes
        (i64.or
          (i64.shr_u (global.get $bytes) (i64.const 8))
          (i64.shl (i64.extend_i32_u (local.get $bits)) (i64.const 48))))
      (local.set $i (i32.and (i32.gt_u (local.get $kind) (i32.const 3)) (i32.gt_u (local.get $bits) (i32.const 127))))
      (local.set $value
        (i32.add
          (local.get $value)
          (i32.shl (i32.sub (local.get $bits) (i32.shl (local.get $i) (i32.const 7))) (local.get $shift))))
      (local.set $shift (i32.add (local.get $shift) (i32.const 7)))
      (br_if $byte (local.get $i)))
    (if (i32.and (i32.eq (local.get $kind) (i32.const 8)) (i32.gt_u (local.get $value) (global.get $most)))
      (then (global.set $most (local.get $value))))
    ;; For opcodes the last value of any kind counts.
    (call $was (local.get $kind) (local.get $value))
    (if (local.get $kind) (then (call $was (i32.const 0) (local.get $value))))
    (local.get $value))

  (func $was (param $kind i32) (param $value i32)
    (i32.store offset=768 (local.tee $kind (i32.shl (local.get $kind) (i32.const 2)))
      (i32.or
        (i32.shr_u (i32.load offset=768 (local.get $kind)) (i32.const 8))
        (i32.and (i32.shl (local.get $value) (i32.const 16)) (i32.const 0xff0000)))))

  ;; A number, and so many bytes.
  (func $some (param $kind i32)
    (local $left i32)
    (local.set $left (call $next (i32.const 13)))
    (loop $more
      (drop (call $next (local.get $kind)))
      (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))

  ;; What stands before the code, then one function with each call, and at last the data. Answers where the module ends,
  ;; and 0 until it is complete.
  (func (export "u") (result i32)
    (local $start i32) (local $count i32) (local $depth i32) (local $opcode i32) (local $follows i32) (local $odds f32)
    (if (i32.eqz (global.get $functions))
      (then
        (local.set $odds (f32.const 1.2664165e-14))
        (loop $logits
          (i32.store16 offset=32768 (local.get $count)
            (local.tee $follows
              (i32.add (i32.const 1)
                (i32.trunc_f32_s
                  (f32.mul (f32.const 65534) (f32.div (local.get $odds) (f32.add (local.get $odds) (f32.const 1))))))))
          (local.set $odds (f32.mul (local.get $odds) (f32.const 1.0039139)))
          (loop $chances
            (if (i32.lt_u (local.get $opcode) (i32.shr_u (local.get $follows) (i32.const 4)))
              (then
                (i32.store16 offset=24576 (i32.shl (local.get $opcode) (i32.const 1))
                  (i32.sub (i32.shr_u (local.get $count) (i32.const 1)) (i32.const 8192)))
                (local.set $opcode (i32.add (local.get $opcode) (i32.const 1)))
                (br $chances))))
          (br_if $logits
            (i32.lt_u (local.tee $count (i32.add (local.get $count) (i32.const 2))) (i32.const 32768))))
        (call $some (i32.const 1))
        (global.set $functions (call $next (i32.const 13)))
        (return (i32.const 0))))
    ;; The length of a function is not packed: four bytes are left for it.
    (global.set $end (i32.add (local.tee $start (global.get $end)) (i32.const 4)))
    (local.set $count (i32.shl (call $next (local.tee $follows (i32.const 6))) (i32.const 1)))
    (local.set $depth (i32.const 1))
    (global.set $most (i32.const 0))
    (loop $code
      (if (local.get $count)
        (then
          (drop (call $next (i32.and (local.get $follows) (i32.const 15))))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $code)))
      (if (local.get $depth)
        (then
          ;; How many numbers follow, and of which kind.
          (local.set $count
            (i32.shr_u
              (local.tee $follows (i32.load8_u offset=120 (local.tee $opcode (call $next (i32.const 0)))))
              (i32.const 4)))
          (local.set $depth
            (i32.sub
              (i32.add (local.get $depth) (i32.eq (local.get $follows) (i32.const 0x10)))
              (i32.eq (local.get $opcode) (i32.const 11))))
          ;; An alignment is a hint that engines do not need: it stays 0.
          (global.set $end (i32.add (global.get $end) (i32.eq (local.get $follows) (i32.const 0x19))))
          (if (i32.eq (local.get $opcode) (i32.const 14))
            (then (local.set $count (i32.add (local.get $count) (call $next (i32.const 4))))))
          ;; Conversions are followed by nothing more, memory.copy by two numbers, memory.fill by one.
          (if (i32.eq (local.get $opcode) (i32.const 252))
            (then
              (local.set $count
                (i32.mul
                  (i32.gt_u (local.tee $count (call $next (local.tee $follows (i32.const 13)))) (i32.const 9))
                  (i32.sub (i32.const 12) (local.get $count))))))
          (br $code))))
    (i32.store offset=1441792 (local.get $start)
      (i32.add
        (i32.const 0x808080)
        (i32.add
          (local.tee $count (i32.sub (i32.sub (global.get $end) (local.get $start)) (i32.const 4)))
          (i32.and (local.get $count) (i32.const -128)))))
    (global.set $functions (i32.sub (global.get $functions) (i32.const 1)))
    (if (result i32) (global.get $functions)
      (then (i32.const 0))
      (else
        (drop (call $next (i32.const 3)))
        (call $some (i32.const 3))
        (global.get $end)))))

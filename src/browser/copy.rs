//! JavaScript's values, copied into the core's. Reads, and judges nothing.
//!
//! Reading runs page code: getters, Proxies, `toJSON`. It may throw, call us again, or never end by itself; so every
//! read is caught, nothing of ours is borrowed meanwhile, and depth, number and length are bounded.

use crate::core::json;
use crate::core::limits::{DEPTH, PAYLOAD_CHARS, VALUES};
use crate::core::value::{Unusable, Value};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Object, js_name = keys)]
    pub(super) fn keys(object: &JsValue) -> Result<js_sys::Array, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Object, js_name = fromEntries)]
    fn from_entries(entries: &JsValue) -> Result<JsValue, JsValue>;
    // `Array.isArray` of a revoked Proxy throws.
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn is_array(value: &JsValue) -> Result<bool, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Array, js_name = from)]
    fn array_from(iterable: &JsValue) -> Result<JsValue, JsValue>;
    // What no `String(value)` of ours can throw for: numbers and BigInts.
    #[wasm_bindgen(js_name = String)]
    fn string_of(value: &JsValue) -> String;

    type Readable;
    #[wasm_bindgen(method, getter, catch, structural, js_name = toJSON)]
    fn to_json(this: &Readable) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn length(this: &Readable) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn size(this: &Readable) -> Result<f64, JsValue>;
}

/// Integers up to here are exact, and written without asking JavaScript.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// A copy of `value`.
pub fn copy(value: &JsValue) -> Value {
    Reader { values: VALUES, chars: PAYLOAD_CHARS }.value(value, DEPTH + 1).unwrap_or_else(Value::Unusable)
}

/// What one payload may still hold.
struct Reader {
    values: usize,
    chars: usize,
}

impl Reader {
    fn value(&mut self, value: &JsValue, depth: usize) -> Result<Value, Unusable> {
        self.values = self.values.checked_sub(1).ok_or(Unusable::TooLarge)?;
        if value.is_string() {
            return self.text(value).map(Value::Text);
        }
        if let Some(number) = value.as_f64() {
            return Ok(self::number(number, value));
        }
        if let Some(flag) = value.as_bool() {
            return Ok(Value::Bool(flag));
        }
        if value.is_undefined() {
            return Ok(Value::Undefined);
        }
        if value.is_null() {
            return Ok(Value::Null);
        }
        if value.is_object() {
            return self.object(value, depth);
        }
        if value.is_bigint() {
            return Ok(Value::BigInt(string_of(value)));
        }
        Err(Unusable::Unsupported)
    }

    /// Text within bounds. Its length is asked first: what is too long never enters the module.
    fn text(&mut self, value: &JsValue) -> Result<String, Unusable> {
        let text: &js_sys::JsString = value.unchecked_ref();
        self.chars = self.chars.checked_sub(text.length() as usize).ok_or(Unusable::TooLarge)?;
        text.as_string().ok_or(Unusable::Unreadable)
    }

    fn object(&mut self, value: &JsValue, depth: usize) -> Result<Value, Unusable> {
        let depth = depth.checked_sub(1).ok_or(Unusable::TooDeep)?;
        // A date, an address, a moment: what says itself how it is written down.
        let to_json = readable(value.unchecked_ref::<Readable>().to_json())?;
        if let Some(to_json) = to_json.dyn_ref::<js_sys::Function>() {
            return self.value(&readable(to_json.call0(value))?, depth);
        }
        if readable(is_array(value))? {
            return self.array(value, depth);
        }
        if value.is_instance_of::<js_sys::Map>() {
            self.bounded(value.unchecked_ref::<Readable>().size())?;
            return self.fields(&readable(from_entries(value))?, depth);
        }
        if value.is_instance_of::<js_sys::Set>() {
            self.bounded(value.unchecked_ref::<Readable>().size())?;
            return self.array(&readable(array_from(value))?, depth);
        }
        self.fields(value, depth)
    }

    /// So many values, if that many may still be read. Asked before a copy of them is made.
    fn bounded(&self, count: Result<f64, JsValue>) -> Result<u32, Unusable> {
        let count = readable(count)?;
        if count > self.values as f64 { Err(Unusable::TooLarge) } else { Ok(count as u32) }
    }

    fn array(&mut self, value: &JsValue, depth: usize) -> Result<Value, Unusable> {
        let length = self.bounded(value.unchecked_ref::<Readable>().length())?;
        let item = |index| js_sys::Reflect::get_u32(value, index);
        Ok(Value::Array((0..length).map(|index| self.part(item(index), depth)).collect()))
    }

    fn fields(&mut self, value: &JsValue, depth: usize) -> Result<Value, Unusable> {
        let keys = readable(keys(value))?;
        self.bounded(Ok(f64::from(keys.length())))?;
        let mut fields = Vec::with_capacity(keys.length() as usize);
        for key in keys.iter() {
            // A key that is too long is a name that is too long: the value is left out under what can be said of it.
            match self.text(&key) {
                Ok(name) => fields.push((name, self.part(js_sys::Reflect::get(value, &key), depth))),
                Err(reason) => fields.push((String::new(), Value::Unusable(reason))),
            }
        }
        Ok(Value::Object(fields))
    }

    /// A part that cannot be read is left out alone; the rest of the payload stays.
    fn part(&mut self, read: Result<JsValue, JsValue>, depth: usize) -> Value {
        readable(read).and_then(|value| self.value(&value, depth)).unwrap_or_else(Value::Unusable)
    }
}

fn readable<T>(read: Result<T, JsValue>) -> Result<T, Unusable> {
    read.map_err(|_| Unusable::Unreadable)
}

fn number(number: f64, value: &JsValue) -> Value {
    // Formatting a float in Rust costs 10 KB of module; JavaScript has the text already.
    if number.abs() <= MAX_SAFE_INTEGER && number as i64 as f64 == number {
        let mut text = String::new();
        if number < 0.0 {
            text.push('-');
        }
        json::write_number(&mut text, number.abs() as u64);
        Value::Number(text)
    } else {
        Value::number(string_of(value))
    }
}

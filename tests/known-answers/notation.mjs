// How CBOR items stand in the known answers' JSON, and an independent codec for them.
//
// Integers are numbers, or {"int": "…"} beyond 2^53; byte strings {"hex": "…"}; maps
// {"map": [[key, value], …]} in the order of their bytes; text, arrays, booleans and null stand
// as themselves.
import { decode, encode, rfc8949EncodeOptions } from 'cborg';

export const fromHex = (text) => Uint8Array.from(Buffer.from(text, 'hex'));
export const toHex = (bytes) => Buffer.from(bytes).toString('hex');

/// The JavaScript value that cborg encodes as the item meant. Integers are BigInt throughout, so
/// that none passes for a float.
export function valueOf(notation) {
    if (typeof notation === 'number') return BigInt(notation);
    if (Array.isArray(notation)) return notation.map(valueOf);
    if (notation !== null && typeof notation === 'object') {
        if ('int' in notation) return BigInt(notation.int);
        if ('hex' in notation) return fromHex(notation.hex);
        return new Map(notation.map.map(([key, value]) => [valueOf(key), valueOf(value)]));
    }
    return notation;
}

/// The notation of a value that cborg decoded.
export function notationOf(value) {
    if (typeof value === 'bigint' || typeof value === 'number') {
        const whole = BigInt(value);
        const isShort = whole <= 2n ** 53n && whole >= -(2n ** 53n);
        return isShort ? Number(whole) : { int: String(whole) };
    }
    if (value instanceof Uint8Array) return { hex: toHex(value) };
    if (Array.isArray(value)) return value.map(notationOf);
    if (value instanceof Map) {
        return { map: [...value].map(([key, held]) => [notationOf(key), notationOf(held)]) };
    }
    return value;
}

/// Does a map in it have an array or a map for a key?
export function hasCompoundKey(notation) {
    if (Array.isArray(notation)) return notation.some(hasCompoundKey);
    if (notation === null || typeof notation !== 'object' || !('map' in notation)) return false;
    const isCompound = (key) => Array.isArray(key) || (key !== null && typeof key === 'object' && 'map' in key);
    return notation.map.some(([key, value]) => isCompound(key) || hasCompoundKey(value));
}

// cborg writes a BigInt as it is told; a map's keys it sorts by their bytes.
const encodeOptions = { ...rfc8949EncodeOptions };
const decodeOptions = {
    allowIndefinite: false,
    allowUndefined: false,
    allowInfinity: false,
    allowNaN: false,
    strict: true,
    useMaps: true,
    rejectDuplicateMapKeys: true,
};

export const encodeItem = (notation) => encode(valueOf(notation), encodeOptions);
export const decodeItem = (bytes) => decode(bytes, decodeOptions);

// Reads a file that cbor_items wrote and compares what our codec and cborg make of each line.
//
//   node cbor_peer.mjs FILE
//
//   item      cborg decodes our bytes to the same item, and encodes that item to the same bytes
//   damaged   whatever our decoder accepts, cborg accepts and encodes to the same bytes; a map with
//             an array or a map for a key, which cborg reads and cannot sort, it need only accept
//
// Exit code 1 when anything differs.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

import { decodeItem, encodeItem, fromHex, hasCompoundKey, notationOf, toHex } from './notation.mjs';

const counts = { item: 0, accepted: 0, unsorted: 0, refused: 0, different: 0 };

function differs(line, what) {
    counts.different += 1;
    if (counts.different <= 10) console.log(`${what}: ${line}`);
}

function compareItem(line, hex, notation) {
    counts.item += 1;
    const decoded = JSON.stringify(notationOf(decodeItem(fromHex(hex))));
    if (decoded !== JSON.stringify(JSON.parse(notation))) differs(line, `decoded as ${decoded}`);
    const encoded = toHex(encodeItem(JSON.parse(notation)));
    if (encoded !== hex) differs(line, `encoded as ${encoded}`);
}

function compareDamaged(line, hex, verdict) {
    if (verdict !== 'true') {
        counts.refused += 1;
        return;
    }
    counts.accepted += 1;
    const item = notationOf(decodeItem(fromHex(hex)));
    if (hasCompoundKey(item)) {
        counts.unsorted += 1;
        return;
    }
    const encoded = toHex(encodeItem(item));
    if (encoded !== hex) differs(line, `encoded as ${encoded}`);
}

for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) {
    const [kind, hex, rest] = line.split('\t');
    try {
        if (kind === 'item') compareItem(line, hex, rest);
        else compareDamaged(line, hex, rest);
    } catch (error) {
        differs(line, error.message);
    }
}
console.log(
    `cbor_peer: ${counts.item} items and ${counts.accepted} damaged ones agree but for ` +
        `${counts.different}; ${counts.unsorted} of them only read; ${counts.refused} refused by us`,
);
process.exitCode = counts.different === 0 && counts.item > 0 && counts.accepted > 0 ? 0 : 1;

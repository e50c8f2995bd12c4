// Holds cbor.json, change.json and segment.json of shared/spec/known-answers to an independent
// implementation: cborg for the bytes, Node's own crypto for digests and signatures.
//
//   node format_peer.mjs           computes every output from its input and compares
//   node format_peer.mjs --write   writes the outputs instead, after a format changed on purpose
//
// Exit code 1 when anything differs.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

import { decodeItem, encodeItem, fromHex, notationOf, toHex } from './notation.mjs';

const folder = new URL('../../shared/spec/known-answers/', import.meta.url);
const load = (name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const isWriting = process.argv.includes('--write');

let compared = 0;
let different = 0;

/// Compares row[key] with what was computed, or writes it there.
function settle(row, key, computed) {
    compared += 1;
    if (isWriting) row[key] = computed;
    if (JSON.stringify(row[key]) === JSON.stringify(computed)) return;
    different += 1;
    console.log(`${row.name ?? row.hex}: ${key} is ${row[key]}, computed ${computed}`);
}

const sha256 = (...parts) => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
};
const bytes = (hex) => ({ hex });

function checkItems(answers) {
    for (const group of [answers.rfc_8949_appendix_a, answers.profile]) {
        for (const row of group.accepted) {
            settle(row, 'hex', toHex(encodeItem(row.item)));
            settle(row, 'item', notationOf(decodeItem(fromHex(row.hex))));
        }
    }
}

/// The value of an operation as it stands in a body.
function operationValue(operation) {
    if (operation.kind === 6) return null;
    if (operation.kind === 3) return operation.removed.map(([log, through]) => [bytes(log), through]);
    return operation.value;
}

function bodyItems(change) {
    const { cites } = change;
    return [
        change.sequence,
        change.time,
        change.role,
        change.schema_version,
        change.record_type,
        bytes(change.record),
        bytes(change.team),
        change.context.flatMap(([log, through]) => [bytes(log), through]),
        change.operations.map((it) => [it.field, it.kind, it.form, operationValue(it)]),
        bytes(change.salt),
        cites && [bytes(cites.log), cites.sequence, bytes(cites.digest)],
    ];
}

function checkChanges(answers) {
    for (const row of answers.accepted) {
        settle(row, 'body', toHex(encodeItem(bodyItems(row.change))));
        settle(row, 'digest', toHex(sha256(fromHex(row.body))));
    }
    for (const row of answers.refused) settle(row, 'body', toHex(encodeItem(row.items)));
}

const signingKey = (seed) =>
    createPrivateKey({
        key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), fromHex(seed)]),
        format: 'der',
        type: 'pkcs8',
    });

function bigEndian(number) {
    const out = Buffer.alloc(8);
    out.writeBigUInt64BE(BigInt(number));
    return out;
}

function checkSegments(answers, changes) {
    const key = signingKey(answers.seed);
    const rawKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
    settle(answers, 'signing_key', toHex(rawKey));

    const byName = new Map(changes.accepted.map((row) => [row.name, row]));
    for (const row of answers.accepted) {
        const bodies = row.changes.map((it) => fromHex(it.hex ?? byName.get(it).body));
        const recordOf = (it) => byName.get(it)?.change.record ?? '00'.repeat(16);
        const records = row.changes.map(recordOf);
        const owner = [fromHex(row.replica), fromHex(row.log)];
        const previous =
            row.after === null
                ? sha256('godwit change log 1', ...owner)
                : fromHex(answers.accepted[row.after].hashes.at(-1));

        const hashes = [];
        bodies.forEach((body, index) => {
            const before = hashes.at(-1) ?? previous;
            hashes.push(sha256(before, fromHex(records[index]), sha256(body)));
        });
        const range = [bigEndian(row.first), bigEndian(row.first + bodies.length - 1)];
        const signed = Buffer.concat([
            Buffer.from('godwit segment 1'), ...owner, ...range, hashes.at(-1),
        ]);
        const signature = sign(null, signed, key);
        const entries = bodies.map((body, index) =>
            row.erased?.includes(index)
                ? [bytes(records[index]), bytes(toHex(sha256(body)))]
                : bytes(toHex(body)));

        settle(row, 'previous', toHex(previous));
        settle(row, 'hashes', hashes.map(toHex));
        settle(row, 'signed', toHex(signed));
        settle(row, 'segment', toHex(encodeItem([
            1, bytes(row.replica), bytes(row.log), row.first, bytes(toHex(previous)), entries,
            bytes(toHex(signature)),
        ])));
    }
    for (const row of answers.refused) settle(row, 'segment', toHex(encodeItem(row.items)));
}

const files = ['cbor.json', 'change.json', 'segment.json'];
const [items, changes, segments] = files.map(load);
checkItems(items);
checkChanges(changes);
checkSegments(segments, changes);
if (isWriting) {
    [items, changes, segments].forEach((answers, index) => {
        writeFileSync(new URL(files[index], folder), `${JSON.stringify(answers, null, 1)}\n`);
    });
}
console.log(`format_peer: ${compared} answers computed, ${different} different`);
process.exitCode = different === 0 ? 0 : 1;

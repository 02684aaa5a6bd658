// Calls a sandbox with Cloudflare's TypeScript SDK, and fails at the first answer that is not as expected:
//
//     node round.mjs http://127.0.0.1:PORT/client/v4

import assert from 'node:assert/strict';
import Cloudflare from 'cloudflare';

const baseURL = process.argv[2];
if (!baseURL) {
  console.error('usage: node round.mjs <URL of a sandbox>');
  process.exit(2);
}

const account_id = '4f8c1d2e9ab04c75b3e6d7018f2a9c35';
const inAccount = { account_id };
const bodyInAccount = { account_id, account: account_id };

// Every attempt is counted, so that a retry shows.
let attempts = 0;
const client = new Cloudflare({
  baseURL,
  apiToken: 'any',
  fetch: (url, options) => {
    attempts++;
    return fetch(url, options);
  },
});
const { slots, interconnects, cnis, settings } = client.networkInterconnects;

// fails asserts that a call fails with this status, after one attempt.
async function fails(status, call) {
  attempts = 0;
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof Cloudflare.APIError, `got ${error}`);
    assert.equal(error.status, status);
    assert.equal(error.errors.length, 1);
    return true;
  });
  assert.equal(attempts, 1, `attempts until ${status}`);
}

// Slots
const free = await slots.list({ ...inAccount, occupied: false, limit: 1 });
assert.equal(free.items.length, 1);
const slot = free.items[0];
assert.deepEqual(await slots.get(slot.id, inAccount), slot);
const ashburn = await slots.list({ ...inAccount, address_contains: 'Ashburn, VA', site: 'iad-a', speed: '100G' });
assert.ok(ashburn.items.length > 0);
for (const { site, speed, facility } of ashburn.items) {
  assert.deepEqual({ site, speed, facility: facility.name }, { site: 'iad-a', speed: '100G', facility: 'Equinix DC2' });
}
await fails(404, slots.get('00000000-0000-4000-8000-000000000000', inAccount));

// Interconnects of both variants
const physical = await interconnects.create({ ...bodyInAccount, type: 'direct', slot_id: slot.id });
assert.equal(physical.type, 'direct');
assert.equal(physical.slot_id, slot.id);
const partner = await interconnects.create({
  ...bodyInAccount,
  type: 'gcp_partner',
  pairing_key: 'key/us-central1/1',
  bandwidth: '1G',
});
assert.equal(partner.type, 'gcp_partner');
assert.equal(partner.region, 'us-central1');
assert.deepEqual(await interconnects.get(partner.name, inAccount), partner);
assert.deepEqual(await interconnects.status(physical.name, inAccount), { state: 'Pending' });
await fails(400, interconnects.create({ ...bodyInAccount, type: 'direct', slot_id: slot.id }));

const listed = [];
let cursor;
do {
  const page = await interconnects.list({ ...inAccount, limit: 1, cursor });
  assert.equal(page.items.length, 1);
  listed.push(...page.items);
  cursor = page.next;
} while (cursor !== null && listed.length < 3);
assert.deepEqual(listed, [physical, partner]);
assert.deepEqual((await interconnects.list({ ...inAccount, type: 'gcp_partner' })).items, [partner]);

// The method says that it returns nothing; asResponse has the document.
const letter = await interconnects.loa(physical.name, { ...inAccount, name: 'Example Networks, Inc.' }).asResponse();
assert.equal(letter.headers.get('content-type'), 'application/pdf');
assert.equal(Buffer.from(await letter.arrayBuffer()).toString('latin1', 0, 5), '%PDF-');

// CNIs
const magic = { conduit_name: 'conduit-1', description: '', mtu: 1500 };
const bgp = { customer_asn: 4200000001, extra_prefixes: ['100.96.0.0/12'], md5_key: 'iad-dc2 #1' };
const cni = await cnis.create({ ...bodyInAccount, interconnect: physical.name, magic, bgp });
assert.deepEqual(cni.magic, magic);
assert.deepEqual(cni.bgp, bgp);
assert.equal(cni.bgp_mode, 'dynamic_route_exchange');
assert.deepEqual(await cnis.get(cni.id, inAccount), cni);
assert.deepEqual((await cnis.list({ ...inAccount, slot: slot.id })).items, [cni]);
await fails(409, cnis.create({ ...bodyInAccount, interconnect: physical.name, magic }));
await fails(400, cnis.create({ ...bodyInAccount, interconnect: 'unknown', magic: { ...magic, conduit_name: 'conduit-2' } }));

const { bgp: _, bgp_mode: __, ...withoutBGP } = cni;
const change = { ...withoutBGP, magic: { conduit_name: 'conduit-2', description: 'moved', mtu: 1476 } };
assert.deepEqual(await cnis.update(cni.id, { account_id, ...change }), change);

// Settings
assert.deepEqual(await settings.get(inAccount), { default_asn: 13335 });
assert.deepEqual(await settings.update({ ...inAccount, default_asn: 64512 }), { default_asn: 64512 });
assert.deepEqual(await settings.update(inAccount), { default_asn: 64512 });
assert.deepEqual(await settings.update({ ...inAccount, default_asn: null }), { default_asn: 13335 });

// Deletion
await fails(400, interconnects.delete(physical.name, inAccount)); // it still has a CNI
await cnis.delete(cni.id, inAccount);
await fails(404, cnis.get(cni.id, inAccount));
await interconnects.delete(physical.name, inAccount);
await fails(404, interconnects.get(physical.name, inAccount));
assert.deepEqual((await interconnects.list(inAccount)).items, [partner]);

console.log(`as expected: cloudflare ${(await import('cloudflare/version')).VERSION}`);

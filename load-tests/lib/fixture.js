// Whom the load is for: what `papo bench-seed` printed, and where everything listens. script/load
// names both in the environment. The other scripts know only what is exported here.

const seed = JSON.parse(open(__ENV.SEED));

export const SERVER = `127.0.0.1:${__ENV.PAPO_PORT}`;
export const EMULATOR = `http://127.0.0.1:${__ENV.EMULATOR_PORT}/_emulator`;

// The business number, as WhatsApp knows it.
export const channel = {
  phoneNumberId: seed.tenants[0].phone_number_id,
  wabaId: seed.tenants[0].waba_id,
  appSecret: seed.tenants[0].app_secret,
  // What bench-seed gives to every channel.
  accessToken: 'bench-access-token',
  verifyToken: 'bench-verify-token-0',
};

// Of attendants; conversation c is assigned to attendant c % tokens.length.
export const tokens = seed.attendants.map((attendant) => attendant.access_token);

// Phones of the customers, by conversation.
export const phones = seed.conversations.map((conversation) => conversation.phone);

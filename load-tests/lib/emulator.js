// WhatsApp on this machine (crates/emulator/README.md): takes what attendants send and reports
// `sent`, `delivered` and `read` for it.

import http from 'k6/http';
import { EMULATOR, SERVER, channel } from './fixture.js';

function put(path, body) {
  const answer = http.put(`${EMULATOR}${path}`, JSON.stringify(body), {
    headers: { 'Content-Type': 'application/json' },
    timeout: '10s',
    tags: { kind: 'emulator', name: `PUT ${path}` },
  });
  if (answer.status !== 200) throw new Error(`emulator: ${answer.status} ${answer.body}`);
}

// Registers the business number. Rules about customers are off: those here write past the
// emulator, which does not know them.
export function prepare() {
  put('/numbers', {
    phone_number_id: channel.phoneNumberId,
    waba_id: channel.wabaId,
    display_phone_number: '551140000000',
    name: 'Load',
    access_token: channel.accessToken,
    app_secret: channel.appSecret,
    verify_token: channel.verifyToken,
    callback_url: `http://${SERVER}/api/v1/webhooks/whatsapp`,
  });
  put('/rules', {
    window_seconds: null,
    pair: null,
    throughput_per_second: null,
    known_recipients: false,
  });
}

// Deliveries of the WhatsApp Cloud API: built and signed as Meta does it.

import http from 'k6/http';
import crypto from 'k6/crypto';
import { SERVER, channel } from './fixture.js';

const URL = `http://${SERVER}/api/v1/webhooks/whatsapp`;

// Delivers a customer's text; the answer.
export function deliverText(from, id, text) {
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{
      id: channel.wabaId,
      changes: [{
        field: 'messages',
        value: {
          messaging_product: 'whatsapp',
          metadata: { display_phone_number: '551140000000', phone_number_id: channel.phoneNumberId },
          contacts: [{ profile: { name: 'Cliente' }, wa_id: from }],
          messages: [{
            from,
            id,
            timestamp: String(Math.floor(Date.now() / 1000)),
            type: 'text',
            text: { body: text },
          }],
        },
      }],
    }],
  });
  const signature = crypto.hmac('sha256', channel.appSecret, body, 'hex');
  return http.post(URL, body, {
    headers: { 'Content-Type': 'application/json', 'X-Hub-Signature-256': `sha256=${signature}` },
    timeout: '10s',
    tags: { kind: 'webhook', name: 'webhook' },
  });
}

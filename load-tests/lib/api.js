// The API as an attendant's client calls it. Names of requests are routes, not paths, so that
// figures gather.

import http from 'k6/http';
import { SERVER } from './fixture.js';

const BASE = `http://${SERVER}/api/v1`;

function options(token, name, headers) {
  return {
    headers: Object.assign({ Authorization: `Bearer ${token}` }, headers),
    timeout: '10s',
    tags: { kind: 'api', name },
  };
}

export function listConversations(token, query) {
  return http.get(`${BASE}/conversations?${query}`, options(token, 'GET /conversations'));
}

export function showConversation(token, id) {
  return http.get(`${BASE}/conversations/${id}`, options(token, 'GET /conversations/{id}'));
}

export function listMessages(token, id) {
  const name = 'GET /conversations/{id}/messages';
  return http.get(`${BASE}/conversations/${id}/messages?limit=50`, options(token, name));
}

export function markRead(token, id) {
  const name = 'POST /conversations/{id}/read';
  return http.post(`${BASE}/conversations/${id}/read`, null, options(token, name));
}

export function sendText(token, id, key, text) {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key };
  return http.post(
    `${BASE}/conversations/${id}/messages`,
    JSON.stringify({ type: 'text', body: text }),
    options(token, 'POST /conversations/{id}/messages', headers),
  );
}

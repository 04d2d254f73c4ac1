// An attendant's socket, as docs/REALTIME.md describes it.

import ws from 'k6/ws';
import { SERVER } from './fixture.js';

// Follows the live stream for `seconds`. `greeted` is told the answer to hello, `take` each frame
// that is no answer. Returns what went wrong, or null.
export function follow(token, seconds, { greeted, take }) {
  let trouble = null;
  let leaving = false;
  const response = ws.connect(`ws://${SERVER}/ws`, {}, (socket) => {
    const send = (frame) => socket.send(JSON.stringify(frame));
    socket.on('open', () => send({ op: 'hello', ref: 'hello', token }));
    socket.on('message', (text) => {
      const frame = JSON.parse(text);
      if (frame.event !== 'reply') take(frame);
      else if (frame.ref === 'hello') greeted(frame);
    });
    socket.on('error', (error) => { trouble = error.error(); });
    socket.on('close', (code) => { if (!leaving) trouble = `closed by the server with ${code}`; });
    socket.setInterval(() => send({ op: 'ping', ref: 'ping' }), 20000);
    socket.setTimeout(() => { leaving = true; socket.close(); }, seconds * 1000);
  });
  return response.status === 101 ? trouble : `the handshake was answered ${response.status}`;
}

// An attendant's socket, as docs/REALTIME.md describes it.

import ws from 'k6/ws';
import { SERVER } from './fixture.js';

// Opens a socket for at most `seconds` and says hello; with a `cursor`, what came after it is told
// first. `greeted` gets the answer to hello, `take` each frame that is no answer, and both a
// function that ends it, at once or after milliseconds. Returns what went wrong, or null.
export function follow(token, cursor, seconds, { greeted, take }) {
  let trouble = null;
  let leaving = false;
  const response = ws.connect(`ws://${SERVER}/ws`, {}, (socket) => {
    const send = (frame) => socket.send(JSON.stringify(frame));
    const end = () => {
      leaving = true;
      socket.close();
    };
    const leave = (after) => (after ? socket.setTimeout(end, after) : end());
    socket.on('open', () => {
      const hello = { op: 'hello', ref: 'hello', token };
      send(cursor === null ? hello : Object.assign(hello, { cursor }));
    });
    socket.on('message', (text) => {
      const frame = JSON.parse(text);
      if (frame.event !== 'reply') take(frame, leave);
      else if (frame.ref === 'hello') greeted(frame, leave);
    });
    socket.on('error', (error) => { trouble = error.error(); });
    socket.on('close', (code) => { if (!leaving) trouble = `closed by the server with ${code}`; });
    socket.setInterval(() => send({ op: 'ping', ref: 'ping' }), 20000);
    socket.setTimeout(end, seconds * 1000);
  });
  return response.status === 101 ? trouble : `the handshake was answered ${response.status}`;
}

// The `seq` of the tenant's newest event.
export function newestEvent(token) {
  let head;
  const trouble = follow(token, null, 10, {
    greeted: (reply, leave) => {
      if (reply.status === 'ok') head = reply.response.head;
      leave();
    },
    take: () => {},
  });
  if (head === undefined) throw new Error(`hello was not accepted: ${trouble}`);
  return head;
}

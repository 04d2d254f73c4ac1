// The target: 10 attendants, 100 conversations, 1,000 messages a minute.

import { attendance } from './lib/attendance.js';

const thresholds = JSON.parse(open('./thresholds.json'));

export { setup, write, watch, attend } from './lib/attendance.js';
export const options = attendance({
  messagesPerMinute: 1000,
  answersPerMinute: 120,
  seconds: Number(__ENV.SECONDS),
  thresholds: Object.assign({}, thresholds.correct, thresholds.fast),
});

// A little of everything, for seconds: is what the load tests need there, and is nothing lost?
// How fast it is is not judged: script/test runs this on whatever machine, with a debug build.

import { attendance } from './lib/attendance.js';

const thresholds = JSON.parse(open('./thresholds.json'));

export { setup, write, watch, attend } from './lib/attendance.js';
export const options = attendance({
  messagesPerMinute: 1200,
  answersPerMinute: 120,
  seconds: Number(__ENV.SECONDS),
  thresholds: thresholds.correct,
});

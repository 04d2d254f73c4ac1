import { expect, it } from 'vitest';
import { mapOf, pointIn } from './place';

const JOINVILLE = { latitude: -26.3044, longitude: -48.8456 };

it.each([
  '-26.3044, -48.8456',
  ' -26.3044 -48.8456 ',
  '-26,3044; -48,8456',
  '-26,3044 -48,8456',
  'geo:-26.3044,-48.8456',
  'https://www.google.com/maps/@-26.3044,-48.8456,17z',
  'https://www.google.com/maps?q=-26.3044,-48.8456&z=17',
  'https://www.google.com/maps/search/?api=1&query=-26.3044%2C-48.8456',
  'https://www.openstreetmap.org/#map=16/-26.3044/-48.8456',
  mapOf(JOINVILLE),
])('finds the place in %s', (written) => {
  expect(pointIn(written)).toEqual(JOINVILLE);
});

it('takes the place that a link names, not the middle of its map', () => {
  const link =
    'https://www.google.com/maps/place/Padaria/@-26.1,-48.1,17z/data=!3d-26.3044!4d-48.8456';
  expect(pointIn(link)).toEqual(JOINVILLE);
});

it.each(['', 'Rua das Palmeiras, 120', '91, 10', '10, 181', 'https://maps.app.goo.gl/abc', '12'])(
  'finds none in "%s"',
  (written) => {
    expect(pointIn(written)).toBeNull();
  },
);

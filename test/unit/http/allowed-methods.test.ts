import { expect, it } from 'vitest';
import { AllowedMethods } from '../../../src/http/allowed-methods.ts';

it('knows the methods of a path, whatever its parameters are', () => {
  const methods = new AllowedMethods();
  methods.add('/v1/topics', ['GET', 'HEAD']);
  methods.add('/v1/topics', 'POST');
  methods.add('/v1/topics/:topic', 'DELETE');
  methods.add('/openapi.json', 'GET');
  methods.add('/console/*', 'GET');
  expect(methods.of('/v1/topics')).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST']);
  expect(methods.of('/v1/topics/orders%2Feu')).toEqual(['DELETE', 'OPTIONS']);
  expect(methods.of('/v1/topics/a/b')).toEqual([]);
  expect(methods.of('/v1/topics/')).toEqual([]);
  expect(methods.of('/openapixjson')).toEqual([]);
  expect(methods.of('/console/a/b.js')).toEqual(['GET', 'OPTIONS']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorIn, errorInDocument, explain } from '../../../lib/arcgis/connection/portal-error.ts';

const gone = {
  error: { code: 400, messageCode: 'CONT_0001', message: 'Item does not exist or is inaccessible.', details: [] },
};

test('every shape of an error in an answer is seen', () => {
  const shapes: unknown[] = [
    gone,
    { success: false, error: { code: 500, message: 'x', details: null } },
    { error: { code: '403', message: 'x', details: 'a string' } },
    { error: 'invalid_client', error_description: 'Invalid client_id' },
    { status: 'error', messages: ['Token Expired.'], code: 498 },
    { code: 404, message: 'billing' },
  ];
  for (const shape of shapes) assert.notEqual(errorIn(shape), undefined, JSON.stringify(shape));
  assert.equal(errorIn({ status: 'error', messages: ['Token Expired.'], code: 498 })?.code, 498);
});

test('an answer that is none is left alone', () => {
  for (const value of [
    null,
    [],
    'error',
    3,
    {},
    { status: 'failed', statusMessage: 'x' },
    { code: 200, message: 'x' },
  ]) {
    assert.equal(errorIn(value), undefined, JSON.stringify(value));
  }
});

test("a member's own document with keys named error, code or status is a document", () => {
  for (const document of [
    { error: { code: 400, message: 'x' }, layers: [] },
    { error: 'x' },
    { error: { message: 'x' } },
    { error: { code: 'E1', message: 'x' } },
    { code: 500, message: 'x' },
    { status: 'error', messages: ['x'], code: 498 },
    { success: true, error: { code: 1, message: 'x' } },
    null,
  ]) {
    assert.equal(errorInDocument(JSON.stringify(document)), undefined, JSON.stringify(document));
  }
  assert.equal(errorInDocument('{"error": '), undefined);
});

test("the portal's error document is no file, also behind a byte order mark", () => {
  assert.equal(errorInDocument(JSON.stringify(gone))?.messageCode, 'CONT_0001');
  assert.equal(errorInDocument(`\ufeff${JSON.stringify(gone)}`)?.code, 400);
});

test('each error becomes a code and a sentence, with the pause that only the text tells', () => {
  const of = (error: object) => explain(errorIn({ error }) as never, 'The content of ana');
  assert.equal(of(gone.error).code, 'ITEM_GONE');
  assert.equal(
    of({ code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' }).code,
    'PORTAL_REFUSED',
  );
  assert.equal(of({ code: 498, message: 'Invalid token.' }).code, 'AUTH_SIGN_IN');
  assert.equal(of({ code: 499, messageCode: 'GWM_0003', message: 'Token Required' }).code, 'AUTH_ANONYMOUS');
  assert.equal(of({ code: 500, message: 'x' }).code, 'PORTAL_ERROR');
  const busy = of({ code: 429, message: 'Too many requests.', details: ['maximum allowed. Retry after 60 sec.'] });
  assert.deepEqual([busy.code, busy.wait, busy.retryable], ['PORTAL_BUSY', 60_000, true]);
  assert.match(busy.message, /^The content of ana: .*Retry after 60 sec/);
});

test("the portal's text cannot forge a line or a terminal sequence", () => {
  const fault = explain(
    { code: 500, messageCode: undefined, message: 'a\n[OK] b\u001b[2J', details: 'c'.repeat(900) },
    'X',
  );
  assert.doesNotMatch(fault.message, /[\n\u001b]/);
  assert.ok(fault.message.length < 500);
});

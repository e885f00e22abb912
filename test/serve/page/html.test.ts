import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { html } from '../../../lib/serve/page/html.ts';

test('a title that is HTML stands in the page as text', () => {
  const title = `<img src=x onerror="alert('1')">&amp;`;
  assert.equal(
    html`<b title="${title}">${title}</b>`.toString(),
    '<b title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;</b>',
  );
});

test('what is nothing is left out, zero is not', () => {
  assert.equal(
    html`<p>${null}${undefined}${false}${''}${0}${[html`<i>${1}</i>`, ' ', 'a<b']}</p>`.toString(),
    '<p>0<i>1</i> a&lt;b</p>',
  );
});

test('no text whatever opens a tag, leaves an attribute or brings a control sign', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const inner = html`${text}`.toString();
      assert.doesNotMatch(inner, /[<>"'\u0000-\u0008\u000e-\u001f\u007f-\u009f]/);
      assert.doesNotMatch(inner, /&(?!amp;|lt;|gt;|quot;|#39;)/);
      assert.ok(inner.isWellFormed());
    }),
  );
});

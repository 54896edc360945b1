import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertmanagerData } from '#shared/template/alertmanager-data.ts';
import { alertmanagerFunctions } from '#shared/template/alertmanager-functions.ts';
import { createTemplateSet, type TemplateSet } from '#shared/template/template.ts';
import { TemplateError } from '#shared/template/template-error.ts';
import { PAGES, REFUSED } from './html-cases.ts';
import { NOTIFICATION } from './notification.ts';
import { ERRORS, TEXTS } from './text-cases.ts';

const DATA = alertmanagerData(NOTIFICATION);

function notificationSet(): TemplateSet {
  return createTemplateSet({ functions: alertmanagerFunctions({ nowMs: () => 0, maxLength: 100_000 }) });
}

test('executeText() writes what Go does', () => {
  const set = notificationSet();
  for (const [template, expected] of TEXTS) assert.equal(set.executeText(template, DATA), expected, template);
});

test('executeText() fails with the words and places of Go', () => {
  const set = notificationSet();
  for (const [template, message] of ERRORS) {
    assert.throws(() => set.executeText(template, DATA), new TemplateError(message), template);
  }
});

test('executeHtml() escapes values as Go does for the HTML around them', () => {
  const set = notificationSet();
  for (const [template, expected] of PAGES) assert.equal(set.executeHtml(template, DATA), expected, template);
});

test('executeHtml() refuses templates whose HTML depends on data, with the words of Go', () => {
  const set = notificationSet();
  for (const [template, message] of REFUSED) {
    assert.throws(() => set.executeHtml(template, DATA), new TemplateError(message), template);
  }
});

test('parse() replaces definitions, but not by empty ones', () => {
  const set = createTemplateSet();
  set.parse('file', '{{define "a"}}one{{end}}{{define "b"}}two{{end}}');
  set.parse('other', '{{define "a"}}three{{end}}{{define "b"}} \n {{end}}body');
  assert.equal(set.executeText('{{template "a"}} {{template "b"}} {{template "other"}}', undefined), 'three two body');
  assert.deepEqual(set.names(), ['a', 'b', 'file', 'other']);
});

test('parse() leaves the set as it was when the text does not parse', () => {
  const set = createTemplateSet();
  assert.throws(() => set.parse('x.tmpl', '{{define "a"}}1{{end}}\n{{if}}'), {
    name: 'TemplateError',
    message: 'template: x.tmpl:2: missing value for if',
  });
  assert.deepEqual(set.names(), []);
});

test('executeText() does not add the definitions of its text to the set', () => {
  const set = createTemplateSet();
  assert.equal(set.executeText('{{define "a"}}1{{end}}{{template "a"}}', undefined), '1');
  assert.throws(() => set.executeText('{{template "a"}}', undefined), /template "a" not defined/);
});

test('an execution has functions of its own, which go before those of the set and builtin ones', () => {
  const constant = (text: string) => ({ params: [], call: () => text });
  const set = createTemplateSet({ functions: new Map([['len', constant('set')]]) });
  const functions = new Map([['own', constant('execution')]]);
  assert.equal(set.executeText('{{len}} {{own}}', undefined, { functions, name: 'n' }), 'set execution');
  assert.throws(() => set.executeText('{{own}}', undefined, { name: 'n' }), {
    message: 'template: n:1: function "own" not defined',
  });
});

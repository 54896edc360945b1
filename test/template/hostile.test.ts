import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { alertmanagerData } from '#shared/template/alertmanager-data.ts';
import { alertmanagerFunctions } from '#shared/template/alertmanager-functions.ts';
import { createTemplateSet } from '#shared/template/template.ts';
import { TemplateError } from '#shared/template/template-error.ts';
import { NOTIFICATION } from './notification.ts';

const LIMITS = { maxSteps: 20_000, maxDepth: 50, maxOutputLength: 50_000 };

const set = createTemplateSet({
  functions: alertmanagerFunctions({ nowMs: () => 0, maxLength: 50_000 }),
  limits: LIMITS,
});
const DATA = alertmanagerData(NOTIFICATION);

const BOMBS = [
  { template: '{{range 1000000000}}{{end}}', message: /exceeded 20000 steps/ },
  { template: '{{range 9999}}{{range 9999}}{{end}}{{end}}', message: /exceeded 20000 steps/ },
  { template: '{{define "x"}}{{template "x" .}}{{end}}{{template "x" .}}', message: /maximum template depth \(50\)/ },
  {
    template: '{{define "x"}}{{range 9}}{{template "x" .}}{{end}}{{end}}{{template "x" .}}',
    message: /maximum template depth/,
  },
  { template: '{{$x := "ab"}}{{range 99}}{{$x = print $x $x}}{{end}}', message: /text exceeds 50000 characters/ },
  {
    template: '{{range 3000}}{{print "0123456789012345678901234567890"}}{{end}}',
    message: /exceeds 50000|20000 steps/,
  },
  { template: `{{printf "${'%999999d'.repeat(9)}" 1}}`, message: /text exceeds 50000 characters/ },
  { template: '{{printf "%.999999f" 1.5}}', message: /text exceeds 50000 characters/ },
  {
    template: '{{$l := list 1}}{{range 60}}{{$l = list $l $l}}{{end}}{{$l}}',
    message: /text exceeds 50000 characters/,
  },
  {
    template: '{{$l := list 1}}{{range 60}}{{$l = list $l $l}}{{end}}{{toJson $l}}',
    message: /text exceeds 50000 characters/,
  },
  { template: '{{$l := list}}{{range 900}}{{$l = list $l}}{{end}}{{$l}}', message: /nested deeper than 200 levels/ },
  {
    template: '{{$l := dict}}{{range 900}}{{$l = dict "a" $l}}{{end}}{{toJson $l}}',
    message: /nested deeper than 200 levels/,
  },
  { template: `${'{{if 1}}'.repeat(100_000)}`, message: /max expression depth exceeded/ },
  { template: `{{${'('.repeat(100_000)}1`, message: /max expression depth exceeded/ },
  { template: `{{if 0}}${'{{else if 0}}'.repeat(100_000)}{{end}}`, message: /max expression depth exceeded/ },
  { template: `{{print${' 1'.repeat(300_000)}}}`, message: /exceeded/ },
  {
    template: '{{$x := "aaaaaaaa"}}{{range 12}}{{$x = print $x $x}}{{end}}{{match "(a|aa)+$" $x}}{{match $x $x}}',
    message: /steps|too much work/,
  },
];

test('templates that take too much end with a TemplateError', () => {
  for (const { template, message } of BOMBS) {
    const failsWithin = (run: () => string) =>
      assert.throws(
        run,
        (error) => error instanceof TemplateError && message.test(error.message),
        template.slice(0, 80),
      );
    failsWithin(() => set.executeText(template, DATA));
  }
});

test('analysing nested loops for HTML is bounded', () => {
  const template = `${'{{range 1}}'.repeat(40)}x${'{{end}}'.repeat(40)}`;
  assert.throws(() => set.executeHtml(template, DATA), /exceeded 20000 steps/);
});

test('long texts of HTML, CSS and JavaScript are analysed in linear time', () => {
  const texts = [
    `<style>"${'\\a'.repeat(50_000)}`,
    `<style>${'url( '.repeat(50_000)}`,
    `<script>${'a/b/c;"x"'.repeat(30_000)}`,
  ];
  const unlimited = createTemplateSet();
  for (const text of [
    ...texts,
    '<'.repeat(200_000),
    `<a title="${'&'.repeat(200_000)}`,
    `<style>${' '.repeat(50_000)}${'('.repeat(20_000)}`,
  ]) {
    try {
      unlimited.executeHtml(text, undefined);
    } catch (error) {
      assert.ok(error instanceof TemplateError, text.slice(0, 40));
    }
  }
});

test('host objects, prototypes and functions cannot be reached', () => {
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'call',
    'length',
    'kind',
    'type',
    'fields',
  ];
  for (const name of names) {
    assert.throws(() => set.executeText(`{{.${name}}}`, DATA), /can't evaluate field/, name);
    assert.throws(() => set.executeText(`{{.Receiver.${name}}}`, DATA), /can't evaluate field/, name);
    assert.throws(() => set.executeText(`{{(list 1).${name}}}`, DATA), /can't evaluate field/, name);
    assert.equal(set.executeText(`{{(dict).${name}}}|{{index .GroupLabels "${name}"}}`, DATA), '<no value>|', name);
    assert.equal(set.executeText(`{{(dict "${name}" 1).${name}}}`, DATA), '1', name);
  }
  assert.throws(() => set.executeText('{{toString}}', DATA), /function "toString" not defined/);
});

const FRAGMENTS = [
  ...[
    '{{',
    '}}',
    '{{-',
    '-}}',
    '{{end}}',
    '{{else}}',
    '{{else if .}}',
    '{{break}}',
    '{{/*',
    '*/}}',
    '(',
    ')',
    '|',
    ':=',
    '=',
    ',',
    '.',
    '$',
    '$x',
  ],
  ...[
    'if ',
    'with ',
    'range ',
    'define ',
    'block ',
    'template ',
    'nil ',
    'true ',
    '"a" ',
    '`b` ',
    "'c' ",
    '1 ',
    '-2.5 ',
    '0x1p-3 ',
    '1i ',
    '\\',
  ],
  ...[
    '.Alerts ',
    '.GroupLabels ',
    '.Foo.Bar ',
    'len ',
    'index ',
    'slice ',
    'printf ',
    '"%d%[3]*.2v" ',
    'eq ',
    'lt ',
    'and ',
    'or ',
    'html ',
    'js ',
  ],
  ...['date ', 'tz ', 'toJson ', 'list ', 'dict ', 'match ', 'base64decode ', 'urlUnescape ', 'mustToDate ', 'title '],
  ...[
    '<a href="',
    '<a ',
    '">',
    '<script>',
    '</script>',
    '<style>',
    'url(',
    '`',
    '${',
    '/',
    '<!--',
    '-->',
    '<textarea>',
    '\u2028',
    '💥',
    '\n',
  ],
];

test('no text makes the interpreter do anything but write or throw a TemplateError', () => {
  const template = fc
    .array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ maxLength: 4 })), { maxLength: 14 })
    .map((parts) => parts.join(''));
  const run = (text: string, execute: (text: string) => string) => {
    try {
      assert.equal(typeof execute(text), 'string');
    } catch (error) {
      assert.ok(
        error instanceof TemplateError,
        `${JSON.stringify(text)}: ${error instanceof Error ? error.stack : error}`,
      );
    }
  };
  const property = fc.property(template, (text) => {
    for (const source of [text, `{{${text}}}`]) {
      run(source, (all) => set.executeText(all, DATA));
      run(source, (all) => set.executeHtml(all, DATA));
    }
  });
  fc.assert(property, { seed: 20_261_122, numRuns: 3000 });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderOf, joinFolder } from '#shared/config/paths.ts';

test('folderOf() is all before the last slash', () => {
  const table = [
    { input: 'prometheus.yml', expected: '.' },
    { input: 'conf/prometheus.yml', expected: 'conf' },
    { input: '/prometheus.yml', expected: '/' },
  ];
  for (const { input, expected } of table) assert.equal(folderOf(input), expected);
});

test('joinFolder() resolves what is relative', () => {
  const table = [
    { folder: '.', path: 'rules/*.yml', expected: 'rules/*.yml' },
    { folder: 'conf', path: './a.yml', expected: 'conf/a.yml' },
    { folder: 'conf', path: '../a.yml', expected: 'a.yml' },
    { folder: '.', path: '../../a.yml', expected: '../../a.yml' },
    { folder: '/etc/p', path: '../../../a.yml', expected: '/a.yml' },
    { folder: 'conf', path: '/a.yml', expected: '/a.yml' },
    { folder: 'conf', path: 'C:\\a.yml', expected: 'C:\\a.yml' },
    { folder: 'conf', path: '', expected: '' },
  ];
  for (const { folder, path, expected } of table) assert.equal(joinFolder(folder, path), expected, path);
});

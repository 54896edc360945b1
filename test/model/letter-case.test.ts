import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goLowerCase, goUpperCase } from '#shared/model/letter-case.ts';

test('letters change case one for one', () => {
  const table: { input: string; upper: string; lower: string }[] = [
    { input: '', upper: '', lower: '' },
    { input: 'aZ_9', upper: 'AZ_9', lower: 'az_9' },
    { input: 'Éé', upper: 'ÉÉ', lower: 'éé' },
    { input: 'Straße', upper: 'STRAßE', lower: 'straße' },
    { input: 'İstanbul', upper: 'İSTANBUL', lower: 'istanbul' },
    { input: 'ΣΑΣ', upper: 'ΣΑΣ', lower: 'σασ' },
    { input: 'ŉᾳᾼ', upper: 'ŉᾼᾼ', lower: 'ŉᾳᾳ' },
    { input: 'ᾀᾗᾯ', upper: 'ᾈᾟᾯ', lower: 'ᾀᾗᾧ' },
    { input: 'ǅ', upper: 'Ǆ', lower: 'ǆ' },
    { input: 'ﬁ', upper: 'ﬁ', lower: 'ﬁ' },
    { input: '𐐨😀𐐀', upper: '𐐀😀𐐀', lower: '𐐨😀𐐨' },
    { input: '\u212a\u017f', upper: '\u212aS', lower: 'k\u017f' },
  ];
  for (const { input, upper, lower } of table) {
    assert.equal(goUpperCase(input), upper);
    assert.equal(goLowerCase(input), lower);
  }
});

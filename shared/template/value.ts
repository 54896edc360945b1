import { compareStrings } from '#shared/model/labels.ts';

/** What a template computes with: Go's values, each with its Go type, because `%T`, `%v`, comparison and argument checks show it.
 *  `undefined` is Go's invalid value (nothing there), `null` a nil interface; a JS number is a float64, a bigint an int.
 *  Maps are JS Maps and struct fields are found by declared name, so no host property can be reached. */
export type Value = undefined | null | boolean | number | bigint | string | TypedValue;

export type TypedValue = GoInt | GoString | GoList | GoMap | GoStruct | GoTime;

/** An integer of another type than `int`: int64, uint8, time.Duration, … */
export interface GoInt {
  readonly kind: 'int';
  readonly type: GoType;
  readonly value: bigint;
}

/** A string of another type than `string`, such as template.HTML. */
export interface GoString {
  readonly kind: 'string';
  readonly type: GoType;
  readonly value: string;
}

export interface GoList {
  readonly kind: 'list';
  readonly type: GoType;
  readonly items: readonly Value[];
}

export interface GoMap {
  readonly kind: 'map';
  readonly type: GoType;
  readonly entries: ReadonlyMap<string, Value>;
}

/** A struct, or a pointer to one where its type says so. `fields` are in the order of `type.fields`. */
export interface GoStruct {
  readonly kind: 'struct';
  readonly type: GoType;
  readonly fields: readonly Value[];
}

/** A time.Time. */
export interface GoTime {
  readonly kind: 'time';
  readonly type: GoType;
  /** Unix seconds, rounded down. */
  readonly seconds: number;
  /** 0 … 999,999,999. */
  readonly nanos: number;
  readonly zone: Zone;
}

/** A time zone as Go's time.Location shows it. */
export interface Zone {
  readonly name: string;
  /** The offset east of UTC in seconds and the abbreviation in force at a time given in Unix seconds. */
  at(seconds: number): { readonly offset: number; readonly abbreviation: string };
}

export type TypeKind =
  | 'bool'
  | 'int'
  | 'float'
  | 'string'
  | 'list'
  | 'map'
  | 'struct'
  | 'pointer'
  | 'interface'
  | 'any';

/** A Go type, as far as templates can tell one from another. */
export interface GoType {
  /** As `%T` prints it. */
  readonly name: string;
  readonly kind: TypeKind;
  /** For a named list or map: the name of the plain type, to which and from which it is assignable. */
  readonly underlying?: string;
  /** What a map of this type yields for a missing key. */
  readonly zero?: Value;
  readonly fields?: readonly FieldType[];
  /** By name; a method `String` without arguments is also how the value prints. */
  readonly methods?: ReadonlyMap<string, Method>;
}

export interface FieldType {
  readonly name: string;
  /** The key in JSON. @default name */
  readonly json?: string;
  /** Printed, but not to be read by templates nor written to JSON. */
  readonly hidden?: boolean;
  /** Declared as `interface {}`. */
  readonly isInterface?: boolean;
}

/** A template function. Arguments arrive checked against `params`. */
export interface TemplateFunction {
  readonly params: readonly GoType[];
  /** The last of `params` stands for any number of arguments. @default false */
  readonly variadic?: boolean;
  /** Steps that a call costs besides reading its arguments. @default 0 */
  readonly cost?: (...args: Value[]) => number;
  /** @throws {FunctionError} */
  call(...args: Value[]): Value;
}

export interface Method {
  readonly params: readonly GoType[];
  readonly variadic?: boolean;
  /** The number of results; more than one cannot be called from templates. @default 1 */
  readonly results?: number;
  /** @throws {FunctionError} */
  call(receiver: TypedValue, ...args: Value[]): Value;
}

export const BOOL: GoType = { name: 'bool', kind: 'bool' };
export const INT: GoType = { name: 'int', kind: 'int' };
export const INT64: GoType = { name: 'int64', kind: 'int' };
export const UINT8: GoType = { name: 'uint8', kind: 'int' };
export const FLOAT64: GoType = { name: 'float64', kind: 'float' };
export const STRING: GoType = { name: 'string', kind: 'string', zero: '' };
export const INTERFACE: GoType = { name: 'interface {}', kind: 'interface', zero: null };
/** A parameter that takes the value as it is, even an invalid one. Go's reflect.Value. */
export const ANY: GoType = { name: 'reflect.Value', kind: 'any' };
export const STRING_LIST: GoType = { name: '[]string', kind: 'list' };
export const ANY_LIST: GoType = { name: '[]interface {}', kind: 'list' };
export const STRING_MAP: GoType = { name: 'map[string]string', kind: 'map', zero: '' };
export const ANY_MAP: GoType = { name: 'map[string]interface {}', kind: 'map', zero: null };
export const HTML: GoType = { name: 'template.HTML', kind: 'string' };
export const URL_TYPE: GoType = { name: 'template.URL', kind: 'string' };

export function list(type: GoType, items: readonly Value[]): GoList {
  return { kind: 'list', type, items };
}

export function map(type: GoType, entries: Iterable<readonly [string, Value]>): GoMap {
  return { kind: 'map', type, entries: new Map(entries) };
}

/** The Go type of a value; `undefined` for the invalid value. */
export function typeOf(value: Value): GoType | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'boolean':
      return BOOL;
    case 'number':
      return FLOAT64;
    case 'bigint':
      return INT;
    case 'string':
      return STRING;
    default:
      return value === null ? INTERFACE : value.type;
  }
}

/** The Go type's name; `<nil>` for the invalid value. */
export function typeName(value: Value): string {
  return typeOf(value)?.name ?? '<nil>';
}

/** Whether Go lets a value of type `from` be passed as `to`. */
export function isAssignable(from: GoType, to: GoType): boolean {
  if (from.name === to.name || to.kind === 'interface' || to.kind === 'any') return true;
  if (from.underlying !== undefined && to.underlying !== undefined) return false;
  return (from.underlying ?? from.name) === (to.underlying ?? to.name);
}

/** Go's truth: false for nothing, nil, false, 0, '' and empty lists and maps. NaN is true. */
export function isTrue(value: Value): boolean {
  switch (typeof value) {
    case 'undefined':
      return false;
    case 'boolean':
      return value;
    case 'number':
      return value !== 0;
    case 'bigint':
      return value !== 0n;
    case 'string':
      return value !== '';
    default:
      return value !== null && isTypedTrue(value);
  }
}

function isTypedTrue(value: TypedValue): boolean {
  if (value.type.kind === 'pointer') return true;
  switch (value.kind) {
    case 'int':
      return value.value !== 0n;
    case 'string':
      return value.value !== '';
    case 'list':
      return value.items.length > 0;
    case 'map':
      return value.entries.size > 0;
    case 'struct':
    case 'time':
      return true;
  }
}

/** The string of a value of kind string, `undefined` for others. */
export function stringOf(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  return isTyped(value) && value.kind === 'string' ? value.value : undefined;
}

/** The integer of a value of kind int, `undefined` for others. */
export function intOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return isTyped(value) && value.kind === 'int' ? value.value : undefined;
}

export function isTyped(value: Value): value is TypedValue {
  return typeof value === 'object' && value !== null;
}

/** The keys of a map in Go's order, which is that of their UTF-8 bytes. */
export function sortedKeys(value: GoMap): readonly string[] {
  return [...value.entries.keys()].sort(compareStrings);
}

/** The text that a value's method without arguments gives, `undefined` where it has none.
 *  @param name `String` is how values print, `GoString` how they look in Go. */
export function methodText(value: Value, name: 'String' | 'GoString'): string | undefined {
  if (!isTyped(value)) return undefined;
  const method = value.type.methods?.get(name);
  if (method === undefined || method.params.length > 0) return undefined;
  const text = method.call(value);
  return typeof text === 'string' ? text : undefined;
}

/** The struct that a pointer points to; other values as they are. */
export function dereference(value: Value): Value {
  if (!isTyped(value) || value.kind !== 'struct' || value.type.kind !== 'pointer') return value;
  return { ...value, type: { ...value.type, name: value.type.name.slice(1), kind: 'struct' } };
}

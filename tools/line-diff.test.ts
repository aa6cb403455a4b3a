import { describe, expect, it } from 'vitest'
import { lineDiff } from './line-diff.ts'

describe('lineDiff', () => {
  it('is empty for the same text', () => {
    expect(lineDiff('a\nb\n', 'a\nb\n')).toEqual([])
  })

  it('names what went and what came', () => {
    expect(lineDiff('a\nb\nc', 'a\nx\nc')).toEqual(['- b', '+ x'])
    expect(lineDiff('', 'a')).toEqual(['- ', '+ a'])
  })

  it('finds a line that went although the same line stands elsewhere', () => {
    const before = 'interface A {\n  x: 1\n}\ninterface B {\n  x: 1\n}'
    const after = 'interface A {\n  x: 1\n}\ninterface B {\n}'
    expect(lineDiff(before, after)).toEqual(['@ interface B {', '-   x: 1'])
  })

  it('finds lines that changed places', () => {
    expect(lineDiff('a\nb', 'b\na')).toHaveLength(2)
  })
})

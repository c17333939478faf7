// Judges documents with @secvisogram/csaf-validator-lib: node peer.mjs MODULES LIST SHARE SHARES GROUPS ROUNDS
// GROUPS is "binding" (schema and mandatory) or "all" (but those that ask the network or a spelling checker).
import fs from 'node:fs'
import { pathToFileURL } from 'node:url'

const [modules, list, share, shares, groups, rounds] = process.argv.slice(2)
const library = `${modules}/@secvisogram/csaf-validator-lib`
const load = (file) => import(pathToFileURL(`${library}/${file}`).href)
const { default: validate } = await load('validate.js')

const asks = /_6_3_(6|7|8|16)$/
async function tests(folder, second) {
  const files = ['schemaTests', 'mandatoryTests']
  if (groups === 'all') files.push(second, 'informativeTests')
  const found = []
  for (const file of files) {
    for (const [name, test] of Object.entries(await load(`${folder}${file}.js`))) {
      if (typeof test === 'function' && !asks.test(name) && !name.endsWith('_strict')) found.push(test)
    }
  }
  return found
}
const sets = { '2.0': await tests('', 'optionalTests'), 2.1: await tests('csaf_2_1/', 'recommendedTests') }

const names = fs.readFileSync(list, 'utf8').split('\n').filter(Boolean)
const texts = names.filter((_, n) => n % Number(shares) === Number(share)).map((name) => fs.readFileSync(name, 'utf8'))
let raised = 0
async function judge(text) {
  const document = JSON.parse(text)
  try {
    await validate(sets[document.document?.csaf_version] ?? sets['2.0'], document)
  } catch {
    raised += 1
  }
}
for (const text of texts.slice(0, 100)) await judge(text)
raised = 0
const began = performance.now()
for (let round = 0; round < Number(rounds); round += 1) for (const text of texts) await judge(text)
const seconds = (performance.now() - began) / 1000
console.log(JSON.stringify({ seconds, documents: texts.length * Number(rounds), raised }))

// Validates CycloneDX 1.6 files after the official JSON schema, which the library carries: validate.js FILE...
const { Spec, Validation } = require('@cyclonedx/cyclonedx-library')
const fs = require('fs')

async function main () {
  for (const file of process.argv.slice(2)) {
    const error = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(fs.readFileSync(file, 'utf8'))
    if (error !== null) {
      console.error(file + ': ' + JSON.stringify(error))
      process.exitCode = 1
    }
  }
  console.log(process.argv.length - 2 + ' files validated')
}

main()

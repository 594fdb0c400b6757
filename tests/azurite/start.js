// Azurite, ended with whoever started it, however that ended: the pipe on standard input closes then.
process.stdin.resume().on('end', () => process.exit());
require('azurite/dist/src/azurite.js');

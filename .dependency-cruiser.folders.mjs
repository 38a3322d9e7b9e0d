import files from './.dependency-cruiser.mjs';

/**
 * Between folders, where a circle can stand although no two files make one. Apart from the rules for files: unit tests reach into
 * `test/support`, which reaches everywhere.
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'no-circular-folders',
      comment: 'Each folder stands above those that it uses.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^(apps|libs)/' },
      to: { circular: true },
    },
  ],
  options: { ...files.options, exclude: { path: '\\.spec\\.tsx?$' } },
};

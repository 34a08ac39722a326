const alias = { "afoot/testing": "/work/wt/guides/src/testing/index.ts", afoot: "/work/wt/guides/src/index.ts" };
      export default { resolve: { alias } };
// What the core imports from JavaScript: one function, which core.ts provides as Module.hostRead.
mergeInto(LibraryManager.library, {
  lsw_host_read: function (id, offset, target, n) {
    return Module['hostRead'](id, offset, target, n);
  },
});

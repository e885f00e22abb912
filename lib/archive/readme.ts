/** The README.md of the archive: written once, the same in every archive. */
export const archiveReadme = `# Backup of an ArcGIS organization

Made by ago-backup. One folder per item: \`content/<member>/<folder>/<type>/<title>/\`; \`None\` is the folder of items
outside any folder. In it lie

* \`item.json\`: the item's record; \`metadata.xml\`: its metadata, where it has any;
* the item's file under its own name, or \`data.json\`; of hosted feature layers the rows as \`<title>.zip\` (a file
  geodatabase) or \`<title>.csv\`;
* \`timestamp.txt\`: when it was changed, as the portal said; \`backup.json\`: what was saved, with sizes and checksums.

## Getting something back

    git clone <this repository> backup
    cd backup
    git log --stat -- content/ana/None/PDF/Report     # when did it change?
    git restore --source=<commit> -- content/ana/None/PDF/Report

A deleted item is in the history: \`git log --diff-filter=D --name-only\` lists what was removed, and when.

Large files are Git LFS objects; install git-lfs (https://git-lfs.com) before you clone, or fetch them later with
\`git lfs pull\`. From a copy of the store on disk (\`git clone backup.git\`) they come along without a server.
On Windows, first \`git config --global core.longpaths true\`.

Then add the file to the portal again (Content, New item), or overwrite the item that is still there.
`;

/** No file of an archive is ever rewritten on checkout: not even line ends. */
export const archiveAttributes = '* -text\n';

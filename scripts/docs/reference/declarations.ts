// Reads the public exports of the package, with their doc comments, from the sources.
import { join } from "node:path";
import ts from "typescript-5.9";

/** The program of all entry points. */
export function createProgram(root: string, entries: readonly string[]): ts.Program {
  return ts.createProgram(
    entries.map((entry) => join(root, entry)),
    {
      target: ts.ScriptTarget.ES2024,
      lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
      module: ts.ModuleKind.NodeNext,
      customConditions: ["@afoot/source"],
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      skipLibCheck: true,
    },
  );
}

/** Documentation of a declaration: the text of its comment, and its tags. */
export interface Documentation {
  readonly text: string;
  readonly default: string | undefined;
  readonly throws: readonly string[];
  readonly returns: string | undefined;
  readonly parameters: readonly (readonly [name: string, text: string])[];
}

/** Member of an interface, class or object type. */
export interface Member {
  readonly name: string;
  readonly isOptional: boolean;
  readonly type: string;
  readonly documentation: Documentation;
}

/** Exported declaration, or a type that one refers to. */
export interface Declared {
  readonly name: string;
  readonly symbol: ts.Symbol;
  readonly signature: string;
  readonly members: readonly Member[];
  readonly documentation: Documentation;
  /** Types of the package that the declaration names. */
  readonly references: readonly ts.Symbol[];
}

/** Returns the exports of an entry point in the order of their names, functions and values first. */
export function exportsOf(program: ts.Program, path: string): readonly Declared[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${path} is no module`);
  const declared = checker.getExportsOfModule(module).map((each) => {
    const symbol = each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each;
    return declaredOf(checker, symbol, each.name);
  });
  return declared.toSorted(
    (one, other) =>
      Number(isTypeOnly(one.symbol)) - Number(isTypeOnly(other.symbol)) || one.name.localeCompare(other.name),
  );
}

/** True for an interface or type alias, which exists only for the compiler. */
export function isTypeOnly(symbol: ts.Symbol): boolean {
  return (symbol.flags & ts.SymbolFlags.Value) === 0;
}

/** Reads one declaration. @param name under which it is exported */
export function declaredOf(checker: ts.TypeChecker, symbol: ts.Symbol, name = symbol.name): Declared {
  const nodes = (symbol.declarations ?? []).filter((node) => !isImplementation(node, symbol));
  return {
    name,
    symbol,
    signature: nodes.map(signatureOf).join("\n"),
    members: membersOf(checker, symbol),
    documentation: documentationOf(checker, symbol),
    references: [...new Set(nodes.flatMap((node) => referencesOf(checker, node)))].filter((each) => each !== symbol),
  };
}

/** True for the body of an overloaded function, which callers do not see. */
function isImplementation(node: ts.Declaration, symbol: ts.Symbol): boolean {
  const overloads = (symbol.declarations ?? []).filter(ts.isFunctionDeclaration);
  return overloads.length > 1 && ts.isFunctionDeclaration(node) && node.body !== undefined;
}

/** Text of a declaration without its body and without comments. */
function signatureOf(node: ts.Declaration): string {
  if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) return headOf(node);
  const end = ts.isFunctionDeclaration(node) && node.body !== undefined ? node.body.getStart() : node.getEnd();
  const type = ts.isVariableDeclaration(node) ? node.type : undefined;
  const text =
    ts.isVariableDeclaration(node) && type !== undefined
      ? `const ${node.name.getText()}: ${type.getText()}`
      : node.getSourceFile().text.slice(node.getStart(), end);
  const prefix = ts.isVariableDeclaration(node) && type === undefined ? "const " : "";
  return `${prefix}${withoutComments(text)
    .replace(/^export /, "")
    .trim()}`;
}

/** First line of an interface or class: its members are in a table. */
function headOf(node: ts.InterfaceDeclaration | ts.ClassDeclaration): string {
  const text = node.getSourceFile().text.slice(node.getStart(), node.members.pos - 1);
  return withoutComments(text)
    .replace(/^export /, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*\*?[^]*?\*\/\s*/g, "").replaceAll(/^\s*\/\/.*\n/gm, "");
}

function membersOf(checker: ts.TypeChecker, symbol: ts.Symbol): readonly Member[] {
  const node = symbol.declarations?.[0];
  if (node === undefined) return [];
  const isObject = ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node) || isObjectType(node);
  if (!isObject) return [];
  return checker
    .getDeclaredTypeOfSymbol(symbol)
    .getProperties()
    .flatMap((property) => memberRows(checker, property, ""));
}

/** A member, followed by the members of its own object type: `retry`, `retry.attempts`. */
function memberRows(checker: ts.TypeChecker, property: ts.Symbol, prefix: string): readonly Member[] {
  if (isHidden(property)) return [];
  const node = property.declarations?.[0];
  const type = node !== undefined && ts.isPropertySignature(node) ? node.type : undefined;
  const nested =
    type !== undefined && ts.isTypeLiteralNode(type) ? checker.getTypeFromTypeNode(type).getProperties() : [];
  const name = `${prefix}${property.name}`;
  const member = {
    name,
    isOptional: (property.flags & ts.SymbolFlags.Optional) !== 0,
    type: nested.length === 0 ? memberType(checker, property) : "object",
    documentation: documentationOf(checker, property),
  };
  return [member, ...nested.flatMap((each) => memberRows(checker, each, `${name}.`))];
}

function isObjectType(node: ts.Declaration): boolean {
  return ts.isTypeAliasDeclaration(node) && (ts.isTypeLiteralNode(node.type) || ts.isIntersectionTypeNode(node.type));
}

/** Private members, and those that a class inherits from Error. */
function isHidden(property: ts.Symbol): boolean {
  const node = property.declarations?.[0];
  if (node === undefined) return true;
  if (node.getSourceFile().fileName.includes("/node_modules/")) return true;
  return property.name.startsWith("#") || property.name.startsWith("__") || property.name === "prototype";
}

function memberType(checker: ts.TypeChecker, property: ts.Symbol): string {
  const node = property.declarations?.[0];
  if (node === undefined) return "";
  if ((ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)) && node.type !== undefined) {
    return oneLine(node.type.getText());
  }
  if (ts.isMethodSignature(node) || ts.isMethodDeclaration(node)) {
    const body = ts.isMethodDeclaration(node) ? node.body : undefined;
    const text = node.getSourceFile().text.slice(node.name.getEnd(), body?.getStart() ?? node.getEnd());
    return oneLine(text.replace(/^\?/, ""));
  }
  return checker.typeToString(checker.getTypeOfSymbol(property));
}

function oneLine(text: string): string {
  return withoutComments(text).replace(/;$/, "").replaceAll(/\s+/g, " ").trim();
}

function documentationOf(checker: ts.TypeChecker, symbol: ts.Symbol): Documentation {
  const tags = symbol.getJsDocTags(checker);
  const textsOf = (name: string): readonly string[] =>
    tags.filter((tag) => tag.name === name).map((tag) => flat(ts.displayPartsToString(tag.text)));
  return {
    text: ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim(),
    default: textsOf("default")[0],
    throws: textsOf("throws"),
    returns: textsOf("returns")[0],
    parameters: textsOf("param").map((text) => {
      const [name = "", ...words] = text.split(" ");
      return [name, words.join(" ")] as const;
    }),
  };
}

function flat(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Types of the package that a node names, without the bodies of functions. */
function referencesOf(checker: ts.TypeChecker, node: ts.Node): readonly ts.Symbol[] {
  const found: ts.Symbol[] = [];
  const visit = (each: ts.Node): void => {
    if (ts.isBlock(each) || ts.isPropertyDeclaration(each.parent)) return;
    const name = typeNameOf(each);
    const symbol = name === undefined ? undefined : checker.getSymbolAtLocation(name);
    if (symbol !== undefined) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const declaration = target.declarations?.[0];
      const isOwn = declaration !== undefined && declaration.getSourceFile().fileName.includes("/src/");
      if (isOwn && !ts.isTypeParameterDeclaration(declaration)) found.push(target);
    }
    ts.forEachChild(each, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}

function typeNameOf(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  return ts.isExpressionWithTypeArguments(node) ? node.expression : undefined;
}

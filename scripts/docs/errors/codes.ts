// Finds the error codes in the sources.
import ts from "typescript-5.9";
import { PROBLEMS } from "../../../src/core/problem.ts";
import { parseSources } from "../sources.ts";

/** Errors of the platform, and classes whose first argument is a message. */
const CODELESS = /^(?:is|text|Type|Range|Syntax|URI|Definition|Usage|Permanent|Work|Error$)/;

const CODE = /^[a-z]+(?:-[a-z]+)*$/;

/** Returns every error code that the sources can produce, sorted. */
export function findCodes(root: string): readonly string[] {
  const codes = new Set<string>(Object.keys(PROBLEMS));
  for (const source of parseSources(root)) {
    const isStore = source.fileName.startsWith("src/stores/");
    const visit = (node: ts.Node): void => {
      for (const code of codesOf(node, isStore)) codes.add(code);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return [...codes].toSorted();
}

function codesOf(node: ts.Node, isStore: boolean): readonly string[] {
  // Tables of the stores map the errors of a database to codes.
  if (isStore && ts.isStringLiteral(node) && /^store-[a-z-]+$/.test(node.text)) return [node.text];
  if (ts.isPropertyAssignment(node) && node.name.getText() === "code") return textsOf(node.initializer);
  // The default of WorkError is the right operand of `??`.
  const isSuper = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword;
  if (isSuper) return textsOf(node.arguments[0]);
  if (ts.isTypeAliasDeclaration(node) && node.name.text.endsWith("Code")) return literalsOf(node.type);
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return [];
  const name = node.expression.getText();
  return /(?:Error|Refusal)$/.test(name) && !CODELESS.test(name) ? textsOf(node.arguments?.[0]) : [];
}

function literalsOf(type: ts.TypeNode): readonly string[] {
  if (!ts.isUnionTypeNode(type)) return [];
  return type.types.flatMap((each) =>
    ts.isLiteralTypeNode(each) && ts.isStringLiteral(each.literal) ? [each.literal.text] : [],
  );
}

/** The codes among the values that an expression can have. */
function textsOf(node: ts.Expression | undefined): readonly string[] {
  if (node === undefined) return [];
  if (ts.isStringLiteral(node)) return CODE.test(node.text) ? [node.text] : [];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isBinaryExpression(node)) return textsOf(node.right);
  return [];
}

/**
 * The program cannot be deployed to the embedded cloud, and why: a mistake in the project, in its configuration or in
 * the program, or something that the embedded cloud does not know. `message` is for the user, one line a problem.
 */
export class DeploymentError extends Error {
    override readonly name = "DeploymentError";
}
